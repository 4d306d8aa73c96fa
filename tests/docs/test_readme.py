"""The README's examples are run, and say what they say.

`TOLLBOOK_REFRESH_DOCS=1 pytest tests/docs` writes the outputs of today into the README.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml
from click.testing import CliRunner

from ingestion.reference.files import read_reference
from ingestion.reference.tables import TABLES
from ingestion.workspace.settings import load_workspace
from orchestration.command import Invocation, tollbook

REPOSITORY = Path(__file__).parents[2]
README = REPOSITORY / "README.md"
EXAMPLE = re.compile(r"```console\n\$ (tollbook (?:run|query)[^\n]*)\n(.*?)```", re.DOTALL)
REFRESH = os.environ.get("TOLLBOOK_REFRESH_DOCS") == "1"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample as it is committed, and what a run of it prints."""
    folder = tmp_path_factory.mktemp("readme") / "sample"
    kept = ("tollbook.yaml", "logs", "bills", "reference")
    shutil.copytree(
        REPOSITORY / "data" / "sample",
        folder,
        ignore=lambda at, names: (
            [name for name in names if name not in kept] if Path(at).name == "sample" else []
        ),
    )
    command = [Path(sys.executable).with_name("tollbook"), "--workspace", folder, "run"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=False)
    assert ended.returncode == 0, ended.stderr
    (folder / "printed").write_text(ended.stdout.replace(str(folder), "data/sample"))
    return folder


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


def test_examples_print_what_the_readme_shows(sample: Path) -> None:
    text = README.read_text()
    shown = EXAMPLE.findall(text)
    assert len(shown) == 12  # the run and ten questions, one of them twice
    printed = {command: _trimmed(_output(command, sample)) for command, _ in shown}
    if REFRESH:
        README.write_text(EXAMPLE.sub(lambda m: f"```console\n$ {m[1]}\n{printed[m[1]]}```", text))
        return
    for command, output in shown:
        assert output == printed[command], command


def test_tables_of_the_readme_are_the_published_ones(sample: Path) -> None:
    section = README.read_text().split("\n## Tables\n")[1].split("\n## ")[0]
    named = set(re.findall(r"`((?:dim|fct|mart)_\w+)`", section))
    with duckdb.connect(sample / "marts.duckdb", read_only=True) as marts:
        rows = marts.execute(
            "select table_name from information_schema.tables where table_schema = 'main'"
        ).fetchall()
    assert named == {name for (name,) in rows}


def test_every_published_column_is_documented(sample: Path) -> None:
    files = (REPOSITORY / "dbt_project/models/marts").rglob("*.yml")
    models = [model for file in files for model in yaml.safe_load(file.read_text())["models"]]
    documented = {
        (model["name"], column["name"])
        for model in models
        for column in model["columns"]
        if column["description"]
    }
    with duckdb.connect(sample / "marts.duckdb", read_only=True) as marts:
        published = marts.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'main'"
        ).fetchall()
    assert set(published) - documented == set()


def test_published_numbers_are_exact_but_for_milliseconds(sample: Path) -> None:
    """A HUGEINT, the type of a sum, is written to Parquet as a DOUBLE."""
    with duckdb.connect(sample / "marts.duckdb", read_only=True) as marts:
        inexact = marts.execute(
            "select table_name, column_name, data_type from information_schema.columns"
            " where table_schema = 'main'"
            " and (data_type like '%HUGEINT%' or data_type in ('DOUBLE', 'FLOAT')) order by all"
        ).fetchall()
    assert inexact == [
        ("fct_requests", "latency_ms", "DOUBLE"),
        ("fct_requests", "ttft_ms", "DOUBLE"),
    ]


def test_workspace_of_the_readme_loads(tmp_path: Path) -> None:
    example = README.read_text().split("```yaml\n")[1].split("```")[0]
    (tmp_path / "tollbook.yaml").write_text(
        "\n".join(line.removeprefix("   ") for line in example.splitlines())
    )
    workspace = load_workspace(tmp_path)
    assert workspace.company == "Acme"
    assert [bill.name for bill in workspace.bills] == ["openai", "anthropic"]


def test_reference_files_of_the_readme_are_read(tmp_path: Path) -> None:
    (tmp_path / "reference").mkdir()
    (tmp_path / "tollbook.yaml").write_text(
        "company: N\ngateways: [{name: litellm_prod, format: litellm, location: logs}]\n"
    )
    written = []
    for example in re.findall(r"```csv\n(.*?)```", README.read_text(), re.DOTALL):
        header = set(example.splitlines()[0].split(","))
        [name] = [name for name, table in TABLES.items() if set(table.columns) == header]
        (tmp_path / "reference" / f"{name}.csv").write_text(example)
        written.append((name, len(example.splitlines()) - 1))
    reference = read_reference(load_workspace(tmp_path))
    assert len(written) >= 2
    assert [(name, reference[name].num_rows) for name, _ in written] == written


def test_every_command_of_the_readme_exists() -> None:
    commands = set(re.findall(r"`?tollbook (?:--workspace \w+ )?([a-z]+)\b", README.read_text()))
    group = tollbook.make_context("tollbook", ["--workspace", "x", "run", "--help"], obj=None)
    assert commands <= set(tollbook.list_commands(group)) | {"run"}
    assert Invocation(REPOSITORY, verbose=False).location == REPOSITORY
