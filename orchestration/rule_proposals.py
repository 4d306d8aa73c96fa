"""The rules that `mart_unallocated` proposes, as lines of attribution_rules.csv."""

import csv
import io
from collections.abc import Sequence
from typing import Final

import duckdb

from ingestion.reference_tables import TABLES
from ingestion.storage import Storage
from orchestration.csv_text import csv_lines

FILE: Final = "attribution_rules.csv"
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
    columns = columns or list(TABLES["attribution_rules"].columns)
    return csv_lines([[row.get(column, "") for column in columns] for row in rows])


def accept(reference: Storage, rows: Sequence[Proposal]) -> None:
    """Appends them to attribution_rules.csv, which keeps its own columns and lines."""
    columns = list(TABLES["attribution_rules"].columns)
    there = {info.name for info in reference.list(may_be_missing=True)}
    text = reference.get(FILE).data.decode("utf-8-sig") if FILE in there else ""
    if text.strip():
        header = [name.strip() for name in next(csv.reader(io.StringIO(text)))]
        if missing := [name for name in (rows[0] if rows else ()) if name not in header]:
            raise ValueError(
                f"{reference.location}/{FILE}:1: has no column {', '.join(missing)}: add it, empty"
            )
        text = text if text.endswith("\n") else f"{text}\n"
        reference.put(FILE, (text + as_lines(rows, header)).encode())
    else:
        reference.put(FILE, (csv_lines([columns]) + as_lines(rows)).encode())
