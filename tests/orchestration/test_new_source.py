"""`tollbook new-source` in a copy of the checkout: one file, one fixture, its test, one line."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from ingestion.workspace.formats import BILLS, GATEWAYS
from orchestration.onboarding.new_source import NoNewSource, with_entry, write_source

REPOSITORY: Final = Path(__file__).parents[2]
COPIED: Final = ("ingestion", "orchestration")
# The longest name shows what no longer fits into a line, the shortest what fits into one.
LONG: Final = "_of_a_long_company_with_words"
# Made-up formats of every kind, the format each is like, and where its three files lie.
FORMATS: Final = {
    **dict.fromkeys(("a", f"a{LONG}"), ("litellm", "gateways", "calls.jsonl")),
    **dict.fromkeys(("m", f"m{LONG}"), ("phoenix", "gateways", "spans.jsonl")),
    **dict.fromkeys(("b", f"b{LONG}"), ("together", "bills", "october.csv")),
    **dict.fromkeys(("z", f"z{LONG}"), ("cursor_usage", "bills", "october.csv")),
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What of the repository the command and its tests need."""
    folder = tmp_path / "checkout"
    unwanted = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        shutil.copytree(REPOSITORY / name, folder / name, ignore=unwanted)
    for name in ("tests/ingestion/readers.py", "docs/sources.md", "pyproject.toml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, folder / name)
    for name in ("gateways", "bills"):
        (folder / "tests" / "ingestion" / name).mkdir()
    return folder


def python(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=checkout,
        # before the checkout that this Python has installed
        env={**os.environ, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )


def new_source(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return python(
        checkout, "-c", "from orchestration.command import main; main()", "new-source", *arguments
    )


def files(checkout: Path) -> dict[str, str]:
    return {
        path.relative_to(checkout).as_posix(): path.read_text(encoding="utf-8")
        for path in checkout.rglob("*")
        if path.suffix in (".py", ".md", ".csv", ".jsonl", ".toml")
    }


def test_a_format_of_each_kind_is_a_file_a_fixture_a_test_and_a_line(checkout: Path) -> None:
    before = files(checkout)
    wanted = set()
    for name, (like, folder, fixture) in FORMATS.items():
        if LONG in name:
            write_source(checkout, name, like)
        else:
            made = new_source(checkout, name, "--like", like)
            assert made.returncode == 0, made.stderr
            assert f"| `{name}` | FILL IN" in made.stdout
        wanted |= {
            f"ingestion/{folder}/{name}.py",
            f"tests/ingestion/{folder}/fixtures/{name}/{fixture}",
            f"tests/ingestion/{folder}/test_{name}.py",
        }
    after = files(checkout)
    assert after.keys() - before.keys() == wanted
    changed = [name for name, text in before.items() if after[name] != text]
    assert changed == ["ingestion/workspace/formats.py"]
    added = set(after[changed[0]].splitlines()) - set(before[changed[0]].splitlines())
    assert '    "a": GatewayFormat("ingestion.gateways.a"),' in added
    assert '    "b": BillFormat("ingestion.bills.b", provider="b"),' in added

    # as they were written they read their fixtures, and the linter likes them
    read = python(checkout, "-m", "pytest", "-p", "no:cacheprovider", "tests/ingestion")
    assert read.returncode == 0, read.stdout
    assert "10 passed" in read.stdout
    made_files = (*sorted(name for name in wanted if name.endswith(".py")), *changed)
    for check in (("check",), ("format", "--check")):
        linted = python(checkout, "-m", "ruff", *check, *made_files)
        assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize("page", ["add-a-source.md", "add-a-bill.md"])
def test_the_pages_say_what_the_command_prints(checkout: Path, page: str) -> None:
    text = (REPOSITORY / "docs" / page).read_text(encoding="utf-8")
    (example,) = re.findall(r"```text\n\$ tollbook new-source (.*?)\n(.*?)```", text, re.DOTALL)
    assert new_source(checkout, *example[0].split()).stdout == example[1]


def test_a_test_fails_where_the_reader_reads_something_else(checkout: Path) -> None:
    assert new_source(checkout, "abacus", "--like", "generic").returncode == 0
    reader = checkout / "ingestion" / "gateways" / "abacus.py"
    text = reader.read_text()
    reader.write_text(text.replace("cache_read=call.cached_tokens,\n", ""))
    assert reader.read_text() != text
    read = python(checkout, "-m", "pytest", "-p", "no:cacheprovider", "tests/ingestion")
    assert read.returncode == 1, read.stdout


@pytest.mark.parametrize(
    ("name", "like", "said"),
    [
        ("litellm", "generic", "`litellm` is there already: ingestion/workspace/formats.py"),
        ("spans", "otel", "`spans` is there already: "),
        ("Abacus", "generic", "`Abacus` is no name of a format"),
        ("class", "generic", "`class` is no name of a format"),
        ("../up", "generic", "`../up` is no name of a format"),
        ("abacus", "slate", "no format is called `slate`: use one of "),
    ],
)
def test_what_cannot_be_a_new_format_is_refused(
    checkout: Path, name: str, like: str, said: str
) -> None:
    before = files(checkout)
    with pytest.raises(NoNewSource) as refused:
        write_source(checkout, name, like)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert files(checkout) == before


def test_nothing_is_written_twice_nor_elsewhere(checkout: Path, tmp_path: Path) -> None:
    write_source(checkout, "abacus", "generic")
    before = files(checkout)
    with pytest.raises(NoNewSource, match="`abacus` is there already"):
        write_source(checkout, "abacus", "generic")
    assert files(checkout) == before
    shutil.rmtree(checkout / "tests")
    refused = new_source(checkout, "slate", "--like", "generic")
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"error: {checkout} is no checkout of Tollbook")
    assert len(refused.stderr.splitlines()) == 1


def test_a_gateway_called_like_a_bill_has_a_test_of_another_name(checkout: Path) -> None:
    test = checkout / "tests" / "ingestion" / "bills" / "test_fireworks.py"
    test.write_text("")
    made = write_source(checkout, "fireworks", "generic")
    assert made.written[-1].name == "test_fireworks_log.py"


@pytest.mark.parametrize("name", ["aaa", "llm", "zzz"])
def test_the_order_of_the_registry_is_kept(name: str) -> None:
    text = (REPOSITORY / "ingestion" / "workspace" / "formats.py").read_text()
    added = with_entry(text, "GATEWAYS", name, "    # here\n")
    assert added.replace("    # here\n", "") == text
    follows = added.split("    # here\n")[1]
    greater = next((each for each in GATEWAYS if each > name), None)
    assert follows.startswith(f'    "{greater}": ' if greater else "}\n")


def test_every_format_can_be_followed(checkout: Path) -> None:
    for number, like in enumerate((*GATEWAYS, *BILLS)):
        assert write_source(checkout, f"like_{number}", like).written


def test_nothing_in_the_repository_is_left_to_fill_in() -> None:
    places = ("ingestion", "tests/ingestion", "docs/sources.md")
    left = [
        str(file)
        for place in places
        for file in ([REPOSITORY / place] if "." in place else (REPOSITORY / place).rglob("*.py"))
        if "FILL IN" in file.read_text(encoding="utf-8")
    ]
    assert left == []
