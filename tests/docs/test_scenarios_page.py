"""docs/scenarios.md: every row is held by tests that exist, or says why it is not."""

import ast
import csv
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scenarios.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| \d", line)
]
TEST = re.compile(r"`(tests/[^`:]+\.py)::(\w+)`")
UNIT = re.compile(r"`(dbt_project/unit_tests/[^`:]+\.yml): (\w+)`")
VECTOR = re.compile(r'`(tests/[^`:]+\.csv): "([^`]+)"`')
SECTIONS = ("1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "3", "4.1", "4.2", "5.1", "5.2", "7")


@cache
def names_of(file: str) -> set[str]:
    return {
        node.name
        for node in ast.parse((ROOT / file).read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@cache
def cases_of(file: str) -> set[str]:
    """The first column of a CSV of cases."""
    with (ROOT / file).open(newline="") as lines:
        return {line[0] for line in csv.reader(lines)}


def test_every_section_has_rows_and_every_row_four_cells() -> None:
    assert {row[0] for row in ROWS} == set(SECTIONS)
    assert {len(row) for row in ROWS} == {4}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[1]}")
def test_row_names_tests_that_exist_or_why_there_is_none(row: list[str]) -> None:
    held = row[-1]
    tests, vectors, units = TEST.findall(held), VECTOR.findall(held), UNIT.findall(held)
    assert tests or vectors or units or held.startswith("not measured: ")
    for file, name in tests:
        assert name in names_of(file), f"{file}: no {name}"
    for file, name in vectors:
        assert name in cases_of(file), f"{file}: no {name}"
    for file, name in units:
        assert f"  - name: {name}\n" in (ROOT / file).read_text(), f"{file}: no {name}"
    # whatever else is quoted is no misspelt name of a test
    assert held.count("`tests/") == len(tests) + len(vectors)
    assert held.count("`dbt_project/") == len(units)
