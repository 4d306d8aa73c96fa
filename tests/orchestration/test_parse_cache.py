"""What dbt parsed serves every workspace of a user, whatever they say; it is made again where it
is not whole, and stays in the workspace where the user has no place for it."""

from pathlib import Path

import pytest

from orchestration.dbt import invocation, prepare
from orchestration.dbt.invocation import MANIFEST, dbt_manifest, read_manifest, read_rules_versions
from orchestration.dbt.rules_version import rules_versions
from tests.orchestration.small_warehouse import write_workspace

pytestmark = pytest.mark.whole

ONE = "model.tollbook.one"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dbt project of one model."""
    folder = tmp_path / "dbt_project"
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "one.sql").write_text("select '{{ var(\"currency\") }}' as said\n")
    (folder / "profiles.yml").write_text((invocation.PROJECT / "profiles.yml").read_text())
    (folder / "dbt_project.yml").write_text(
        "name: tollbook\nprofile: tollbook\nvars: {currency: USD}\n"
    )
    monkeypatch.setattr(invocation, "PROJECT", folder)
    return folder


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch, project: Path) -> list[Path]:
    """The folders that dbt parsed into."""
    parse, folders = invocation.parse_into, list[Path]()
    monkeypatch.setattr(
        invocation, "parse_into", lambda *given: (folders.append(given[1]), parse(*given))
    )
    return folders


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_second_workspace_parses_nothing_whatever_it_says(
    tmp_path: Path, cache: Path, parses: list[Path]
) -> None:
    first, second = (write_workspace(tmp_path / name) for name in ("first", "second"))
    with second.file.open("a") as text:
        text.write("currency: EUR\ntimezone: Asia/Tokyo\n")
    assert ONE in read_manifest(first)["nodes"]
    assert ONE in read_manifest(second)["nodes"]
    assert ONE in dbt_manifest(second).nodes
    [folder] = parses
    assert folder.is_relative_to(cache)
    assert folder.stat().st_mode & 0o022 == 0
    assert not (first.file.parent / ".tollbook").exists()


def test_another_version_of_the_project_is_parsed_anew_and_few_are_kept(
    tmp_path: Path, cache: Path, project: Path, parses: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invocation, "KEPT", 1)
    workspace = write_workspace(tmp_path / "company")
    read_manifest(workspace)
    before = read_rules_versions(workspace)
    assert before == rules_versions(project)
    by_day = "{{ config(materialized='view', meta={'publish': 'parquet_by_day'}) }}\n"
    (project / "models" / "two.sql").write_text(f"{by_day}select 2 as id\n")
    assert "model.tollbook.two" in read_manifest(workspace)["nodes"]
    assert read_rules_versions(workspace) == rules_versions(project) != before
    assert [folder.exists() for folder in parses] == [False, True]


def test_a_parse_that_was_interrupted_is_made_again(
    tmp_path: Path, cache: Path, parses: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = write_workspace(tmp_path / "company")

    def interrupted(_: object, folder: Path) -> None:
        (folder / MANIFEST).write_text('{"nodes": {')
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(invocation, "parse_into", interrupted)
        with pytest.raises(KeyboardInterrupt):
            read_manifest(workspace)
    assert ONE in read_manifest(workspace)["nodes"]
    assert len(parses) == 1


def test_without_a_cache_the_workspace_keeps_it(
    tmp_path: Path, parses: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "no folder").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "no folder"))
    workspace = write_workspace(tmp_path / "company")
    assert ONE in read_manifest(workspace)["nodes"]
    [folder] = parses
    assert folder.is_relative_to(workspace.file.parent / ".tollbook")


def test_what_was_prepared_at_installation_is_taken_where_it_is_of_this_project(
    tmp_path: Path, cache: Path, project: Path, parses: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.prefix", str(tmp_path / "python"))
    monkeypatch.setattr(prepare, "parse_into", invocation.parse_into)
    prepare.prepare()
    prepare.prepare()
    [prepared] = parses
    assert prepared.is_relative_to(tmp_path / "python")
    workspace = write_workspace(tmp_path / "company")
    assert ONE in read_manifest(workspace)["nodes"]
    assert ONE in dbt_manifest(workspace).nodes
    assert not cache.exists()
    (project / "models" / "two.sql").write_text("select 2 as id\n")
    assert "model.tollbook.two" in read_manifest(workspace)["nodes"]
    [_, parsed] = parses
    assert parsed.is_relative_to(cache)
