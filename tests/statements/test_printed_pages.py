"""Pages as PDF, by the system's browser: beside the exports, which do not change."""

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingestion.known_errors import KnownError
from ingestion.workspace.settings import load_workspace
from orchestration.command import tollbook
from orchestration.exports.site.printed import browser_to_print, installed_browser, print_pages


@pytest.fixture
def browser() -> str:
    found = installed_browser()
    if found is None:
        if os.environ.get("TOLLBOOK_TEST_ALL"):
            pytest.fail("chromium is missing: apt-get install chromium")
        pytest.skip("chromium is missing: no page is printed")
    return found


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_each_page_is_printed_and_exports_stay(sample: Path, tmp_path: Path, browser: str) -> None:
    workspace = load_workspace(sample)
    before = contents(Path(workspace.exports))
    made = print_pages(workspace, "2026-10", tmp_path / "a folder", browser)
    names = sorted(str(file.relative_to(tmp_path / "a folder")) for file in made)
    assert names == [
        "employee-experience.pdf",
        "hr-operations.pdf",
        "people-analytics.pdf",
        "talent-acquisition.pdf",
    ]
    for file in made:
        data = file.read_bytes()
        assert data.startswith(b"%PDF-")
        assert data.count(b"/Type /Page\n") >= 1
    assert contents(Path(workspace.exports)) == before


def test_a_machine_without_a_browser_is_told_before_anything_is_written(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KnownError, match="no browser to print with: install one of chromium"):
        browser_to_print()
    command = ["--workspace", str(sample), "export", "2026-10", "--pdf", str(tmp_path / "out")]
    ended = CliRunner().invoke(tollbook, command)
    assert ended.exit_code == 1
    assert "no browser to print with" in str(ended.exception)
    assert not (tmp_path / "out").exists()


def test_a_browser_that_prints_nothing_is_told(sample: Path, tmp_path: Path) -> None:
    broken = shutil.which("false")
    assert broken is not None
    with pytest.raises(KnownError, match=r"teams/.*.html could not be printed by .*false"):
        print_pages(load_workspace(sample), "2026-10", tmp_path / "out", broken)


def test_a_month_without_pages_is_told(sample: Path, tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="2026-01 has no pages"):
        print_pages(load_workspace(sample), "2026-01", tmp_path, "chromium")
