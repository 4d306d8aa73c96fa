"""One reference CSV as typed rows, every wrong cell with its line and column."""

import csv
from collections import Counter
from dataclasses import dataclass
from io import StringIO
from typing import Any

from ingestion.reference.columns import Column, ReferenceTable
from ingestion.secret_forms import GLOB_OF_KEYS, without_secrets

# line, `column: what is wrong`
Problem = tuple[int, str]


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    line: int
    values: dict[str, Any]


def read_rows(table: ReferenceTable, data: bytes) -> tuple[list[ReferenceRow], list[Problem]]:
    """Rows without a problem, and the problems of all others."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return [], [(line, "is not UTF-8: save the file as UTF-8")]
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    rows: list[ReferenceRow] = []
    problems: list[Problem] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        problems += _header_problems(table, header)
        if problems:
            return [], problems
        line = reader.line_num + 1
        for cells in reader:
            # a blank line is no row; one of commas only is a row without its required columns
            if cells:
                row, wrong = _row(table, header, [cell.strip() for cell in cells], line)
                problems += wrong
                rows += [row] if row else []
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append((reader.line_num, f"is not CSV: {error}"))
    return rows, problems


def _header_problems(table: ReferenceTable, header: list[str]) -> list[Problem]:
    known = ", ".join(table.columns)
    if not header:
        return [(1, f"has no header: write {known}")]
    problems = [
        (1, f"{name or '(empty)'}: unknown column, known are {known}")
        for name in header
        if name not in table.columns
    ]
    twice = [name for name, count in Counter(header).items() if count > 1]
    problems += [(1, f"{name}: column is given twice") for name in twice]
    problems += [
        (1, f"{name}: required column is missing")
        for name, column in table.columns.items()
        if (column.required or column.in_header) and name not in header
    ]
    return problems


def _row(
    table: ReferenceTable, header: list[str], cells: list[str], line: int
) -> tuple[ReferenceRow | None, list[Problem]]:
    if len(cells) != len(header):
        return None, [(line, f"{header[0]}: the line has {len(cells)} cells, not {len(header)}")]
    given = dict(zip(header, cells, strict=True))
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, column in table.columns.items():
        try:
            cell = given.get(name, "")
            if (name in table.globs or name == "match") and GLOB_OF_KEYS.search(cell):
                raise ValueError("a key lands as its SHA-256, no glob finds it: write whole keys")
            values[name] = _value(column, cell)
        except ValueError as error:
            problems.append((line, f"{name}: {error}"))
    if not problems:
        problems = [(line, problem) for problem in _row_problems(table, values)]
    return (None if problems else ReferenceRow(line, values)), problems


def _value(column: Column, cell: str) -> Any:
    if cell:
        # as logs and bills land, or nothing would match
        return column.read(without_secrets(cell))
    if column.required:
        raise ValueError("is empty: give a value")
    return column.empty


def _row_problems(table: ReferenceTable, values: dict[str, Any]) -> list[str]:
    problems = []
    if "valid_to" in values and values["valid_from"] >= values["valid_to"]:
        problems.append("valid_to: is not after valid_from, so the line is never valid")
    if table.any_of and sum(values[name] is not None for name in table.any_of) != 1:
        problems.append(f"{table.any_of[0]}: give exactly one of {' and '.join(table.any_of)}")
    if table.some_of and all(values[name] is None for name in table.some_of):
        problems.append(f"{table.some_of[0]}: give at least one of {', '.join(table.some_of)}")
    if table.problem and (said := table.problem(values)):
        problems.append(said)
    if (credits := values.get("credits")) is not None and credits > 0:
        problems.append(f"credits: {credits.normalize():f} must be negative: credits are deducted")
    return problems
