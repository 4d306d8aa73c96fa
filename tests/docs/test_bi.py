"""docs/bi.md: the line, the Python and the three questions of plain DuckDB are run."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import duckdb

PAGE: Final = Path(__file__).parents[2] / "docs" / "bi.md"
LINE: Final = "SET file_search_path = '/data/acme'"
NEEDS_THE_LINE: Final = "fct_request_costs"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_three_questions_are_answered(sample: Path, tmp_path: Path) -> None:
    line, *questions = blocks("sql")
    assert line.strip() == LINE and len(questions) == 3
    with duckdb.connect(sample / "marts.duckdb", read_only=True) as marts:
        for question in questions:
            if NEEDS_THE_LINE in question:
                marts.execute(line.replace("/data/acme", str(sample)))
            assert marts.execute(question).fetchall(), question


def test_python_of_plain_duckdb_runs_in_any_folder(sample: Path, tmp_path: Path) -> None:
    [code] = [block for block in blocks("python") if "duckdb.connect" in block]
    ended = subprocess.run(
        [sys.executable, "-c", code.replace("/data/acme", str(sample))],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "requests" in ended.stdout and "25000" in ended.stdout.replace(",", "")


def test_every_tool_is_given_the_line_or_the_setting() -> None:
    text = PAGE.read_text()
    for tool in ("Plain DuckDB", "marimo", "Metabase", "Superset", "Rill"):
        part = text.split(f"\n## {tool}\n")[1].split("\n## ")[0]
        assert "file_search_path" in part or "the line" in part, tool
