"""The examples of the README and of the pages of docs/ are run, and say what they say.

`make docs` writes the outputs of today into them.
"""

import re
import shlex
import textwrap
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from ingestion.reference.files import read_reference
from ingestion.reference.tables import TABLES
from ingestion.workspace.settings import load_workspace
from orchestration.command import Invocation, tollbook

REPOSITORY: Final = Path(__file__).parents[2]
README: Final = REPOSITORY / "README.md"
PAGES: Final = (README, *sorted((REPOSITORY / "docs").glob("*.md")))
EXAMPLE: Final = re.compile(
    r"```console\n\$ (tollbook (?:run|query|explain)[^\n]*)\n(.*?)```", re.DOTALL
)
CSV: Final = re.compile(r"^( *)```csv\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
LINK: Final = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def _output(command: str, sample: Path) -> str:
    if command == "tollbook run":
        return (sample / "printed").read_text().lstrip("\n")
    result = CliRunner().invoke(
        tollbook, ["--workspace", str(sample), *shlex.split(command)[1:]], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.stdout


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def test_examples_print_what_the_pages_show(sample: Path, refresh: bool) -> None:
    examples = {page: EXAMPLE.findall(page.read_text()) for page in PAGES}
    # the run and a question, twelve questions, one of them twice, and of signals one
    assert len(examples[README]) == 2
    assert sum(map(len, examples.values())) == 17
    printed = {
        command: _trimmed(_output(command, sample))
        for found in examples.values()
        for command, _ in found
    }
    for page, found in examples.items():
        if refresh and found:
            page.write_text(
                EXAMPLE.sub(lambda m: f"```console\n$ {m[1]}\n{printed[m[1]]}```", page.read_text())
            )
            continue
        for command, output in found:
            assert output == printed[command], f"{page.name}: {command}"


def test_every_console_example_is_run() -> None:
    for page in PAGES:
        text = page.read_text()
        assert text.count("```console\n") == len(EXAMPLE.findall(text)), page.name


def test_the_readme_is_short() -> None:
    assert len(README.read_text().splitlines()) <= 200


def test_workspace_of_the_readme_loads(tmp_path: Path) -> None:
    example = README.read_text().split("```yaml\n")[1].split("```")[0]
    (tmp_path / "tollbook.yaml").write_text(textwrap.dedent(example))
    workspace = load_workspace(tmp_path)
    assert workspace.company == "Acme"
    assert [bill.name for bill in workspace.bills] == ["openai", "anthropic"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_reference_files_of_a_page_are_read(page: Path, tmp_path: Path) -> None:
    (tmp_path / "reference").mkdir()
    (tmp_path / "tollbook.yaml").write_text(
        "company: N\ngateways: [{name: litellm_prod, format: litellm, location: logs}]\n"
    )
    written = []
    for _, indented in CSV.findall(page.read_text()):
        example = textwrap.dedent(indented)
        header = set(example.splitlines()[0].split(","))
        [name] = [name for name, table in TABLES.items() if set(table.columns) == header]
        (tmp_path / "reference" / f"{name}.csv").write_text(example)
        written.append((name, len(example.splitlines()) - 1))
    reference = read_reference(load_workspace(tmp_path))
    assert len(written) >= {"README": 3, "reference": 7, "operation": 1}.get(page.stem, 0)
    assert [(name, reference[name].num_rows) for name, _ in written] == written


def test_every_command_of_the_pages_exists() -> None:
    text = "\n".join(page.read_text() for page in PAGES)
    named = r"`(?:\.venv/bin/)?tollbook (?:--workspace \w+ )?([a-z]+(?:-[a-z]+)*)\b"
    commands = set(re.findall(named, text))
    group = tollbook.make_context("tollbook", ["--workspace", "x", "run", "--help"], obj=None)
    assert {"run", "init", "check", "query", "rules", "explain", "new-source"} <= commands
    assert commands <= set(tollbook.list_commands(group))
    assert Invocation(REPOSITORY, verbose=False).location == REPOSITORY


@pytest.mark.parametrize(
    "page", [*PAGES, REPOSITORY / "CONTRIBUTING.md"], ids=lambda page: page.stem
)
def test_links_lead_to_files(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text()) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_leads_to_every_page() -> None:
    text = README.read_text()
    assert [page.name for page in PAGES[1:] if f"(docs/{page.name})" not in text] == []
