"""The rules that `mart_unallocated` proposes, as lines of attribution_rules.csv."""

import csv
import io
from collections.abc import Sequence
from typing import Final

import duckdb

from ingestion.reference.conflicts import rule_ties
from ingestion.reference.files import RULES
from ingestion.reference.rows import ReferenceRow, read_rows
from ingestion.reference.tables import TABLES
from ingestion.storage.objects import Storage
from orchestration.terminal.csv_text import csv_lines

FILE: Final = f"{RULES}.csv"
PRIORITY: Final = "1000"
# One line per match, dearest first: what it proposes for each dimension.
PROPOSED: Final = """
    SELECT
        match,
        min(proposed_owner) FILTER (WHERE dimension = 'feature'),
        min(proposed_owner) FILTER (WHERE dimension = 'team'),
        string_agg(DISTINCT proposal ORDER BY proposal)
    FROM main.mart_unallocated
    WHERE proposed_owner IS NOT NULL
    GROUP BY match
    ORDER BY sum(cost) DESC NULLS LAST, sum(unpriced_tokens) DESC, match
"""

Proposal = dict[str, str]


def proposals(connection: duckdb.DuckDBPyConnection) -> list[Proposal]:
    """Column of attribution_rules.csv -> its cell; columns that stay empty are left out."""
    return [
        {
            "priority": PRIORITY,
            "match": match,
            "set_feature": feature or "",
            "set_team": team or "",
            "note": f"proposed: {kind}",
        }
        for match, feature, team, kind in connection.execute(PROPOSED).fetchall()
    ]


def as_lines(rows: Sequence[Proposal], columns: Sequence[str] = ()) -> str:
    """CSV without a header, in the order of `columns`, by default the design's."""
    columns = columns or list(TABLES[RULES].columns)
    return csv_lines([[row.get(column, "") for column in columns] for row in rows])


def accept(reference: Storage, rows: Sequence[Proposal]) -> int:
    """Appends them to attribution_rules.csv, which keeps its own columns and lines; how many.

    What the file has already, or would tie with, is left out: a file that was accepted twice must
    not stop the next run. Raises ValueError where the file cannot be appended to.
    """
    columns = list(TABLES[RULES].columns)
    there = {info.name for info in reference.list(may_be_missing=True)}
    data = reference.get(FILE).data if FILE in there else b""
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        data = csv_lines([columns]).encode()
    header, known = _read(reference, data, rows)
    added = []
    for row in rows:
        line = csv_lines([header]) + as_lines([row], header)
        [rule], _ = read_rows(TABLES[RULES], line.encode())
        if not rule_ties([*known, rule]):
            known.append(rule)
            added.append(row)
    text = data.decode("utf-8-sig")
    ending = "\r\n" if "\r\n" in text else "\n"
    text = text if text.endswith("\n") else text + ending
    # line by line: a value may have a line end of its own
    text += "".join(as_lines([row], header).removesuffix("\n") + ending for row in added)
    reference.put(FILE, text.encode())
    return len(added)


def _read(
    reference: Storage, data: bytes, rows: Sequence[Proposal]
) -> tuple[list[str], list[ReferenceRow]]:
    """The header and the rules of the file as it is."""
    known, wrong = read_rows(TABLES[RULES], data)
    if wrong := wrong or rule_ties(known):
        line, what = wrong[0]
        raise ValueError(f"{reference.location}/{FILE}:{line}: {what}")
    header = [name.strip() for name in next(csv.reader(io.StringIO(data.decode("utf-8-sig"))))]
    if missing := [name for name in (rows[0] if rows else ()) if name not in header]:
        raise ValueError(
            f"{reference.location}/{FILE}:1: has no column {', '.join(missing)}: add it, empty"
        )
    return header, known
