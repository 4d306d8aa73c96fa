"""Marts that have nothing but what a month's files are said to be made of."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.checks.month_status import CLOSED, month_statuses
from orchestration.exports.made_of import CORRECTIONS, PARTS, VIEWS
from orchestration.exports.months import month_files, refusal
from orchestration.exports.site import pages
from orchestration.exports.site.statement import month_before
from orchestration.publishing.marts import open_marts
from orchestration.publishing.parquet_views import quoted


def read_alike(marts: Path, scratch: Path) -> dict[str, bool]:
    """Open month → whether its files are the same without all that they are not made of."""
    with open_marts(marts) as connection:
        statuses = month_statuses(connection)
        own = {
            month: _files(connection, month, status)
            for month, status in statuses.items()
            if status != CLOSED
        }
    found = {}
    for month, files in own.items():
        copy = _only(marts, month, scratch / f"{month}.duckdb")
        with pytest.MonkeyPatch.context() as patched, open_marts(copy) as connection:
            # which months there are is part of what each is made of
            patched.setattr(pages, "month_statuses", lambda _: statuses)
            found[f"{month:%Y-%m}"] = _files(connection, month, statuses[month]) == files
        copy.unlink()
    return found


def _files(connection: duckdb.DuckDBPyConnection, month: date, status: str) -> dict[str, bytes]:
    return month_files(connection, month, status, refusal(connection, month, status))


def _only(marts: Path, month: date, copy: Path) -> Path:
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(marts, copy)
    copy.chmod(0o600)
    with duckdb.connect(copy) as connection:
        for kind, name in _relations(connection):
            if name in PARTS:
                _forget_the_rest(connection, name, month)
            elif name not in VIEWS:
                connection.execute(f"drop {kind} main.{quoted(name)}")
    return copy


def _relations(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return connection.execute(
        "select case table_type when 'VIEW' then 'view' else 'table' end, table_name"
        " from information_schema.tables where table_schema = 'main' order by all"
    ).fetchall()


def _forget_the_rest(connection: duckdb.DuckDBPyConnection, name: str, month: date) -> None:
    part = PARTS[name]
    first, last = (
        f"cast(date_trunc('month', cast({day} as date)) as date)"
        for day in (part.first, part.last or part.first)
    )
    told = (
        f"first is null or last is null or (first <= '{month}' and '{month_before(month)}' <= last)"
    )
    [(posts,)] = connection.execute(
        f"select count(*) > 0 from main.{CORRECTIONS} where posting_month = '{month}'"
    ).fetchall()
    columns = [row[0] for row in connection.execute(f"describe main.{name}").fetchall()]
    kept = ", ".join(
        quoted(each) if each in (part.columns or columns) else f"null as {quoted(each)}"
        for each in columns
    )
    connection.execute(
        f"create or replace table main.{name} as select {kept} from"
        f" (select *, {first} as first, {last} as last from main.{name} where {part.where})"
        f" where {'true' if posts else told}"
    )
