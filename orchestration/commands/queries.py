"""A question of `tollbook query`: one statement that only reads."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import duckdb

READS: Final = frozenset(("SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"))
COMMENTS: Final = re.compile(r"(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*", re.DOTALL)


class NoQuestion(Exception):
    """What keeps a text from being asked, as a sentence."""


def must_only_read(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Raises NoQuestion unless `sql` is one SELECT without a part that writes.

    Since DuckDB 2 a WITH may hold COPY and INSERT: the statement's type does not tell.
    """
    statements = connection.extract_statements(sql)
    if not statements:
        raise NoQuestion('no SQL to run: write one, as in `tollbook query "show tables"`')
    if len(statements) > 1:
        raise NoQuestion(f"{len(statements)} statements: query runs one at a time")
    kind = statements[0].type
    if kind == duckdb.StatementType.MULTI and _is_pivot(sql):
        return
    if kind != duckdb.StatementType.SELECT or not _parts(connection, sql) <= READS:
        name = str(kind).rpartition(".")[2]
        what = "a part that writes" if kind == duckdb.StatementType.SELECT else name
        raise NoQuestion(f"query is read-only and takes a SELECT, this is {what}")


def _is_pivot(sql: str) -> bool:
    """PIVOT without IN looks its columns up first; nothing else but a WITH before it writes."""
    return COMMENTS.sub("", sql, count=1)[:5].lower() == "pivot"


def _parts(connection: duckdb.DuckDBPyConnection, sql: str) -> set[str]:
    """Kinds of the statement's parts, of subqueries as well."""
    [(text,)] = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchall()
    return {kind for kind in _kinds(json.loads(text)) if kind.endswith("_NODE")}


def _kinds(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("type"), str):
            yield part["type"]
        for inner in part.values():
            yield from _kinds(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _kinds(inner)
