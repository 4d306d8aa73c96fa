"""`published.months`: which rows each month of a table by billing month has, as hashes.

A month is made of what decides it (`built.built_months`): where a publish finds it built of the
same as the one before did, its rows are those that were published, and nobody reads them again.
What is noted holds of the file that a publish left, and of no other.
"""

from collections.abc import Collection, Mapping
from typing import Final

import duckdb

from orchestration.publishing.parquet_views import quoted, text
from orchestration.warehouse.built_months import months_built
from orchestration.warehouse.rows_hash import hash_of_rows

# The month of a row's day in the workspace's calendar, which may be another than the bill's.
SHOWN: Final = "showback_date"
TABLE: Final = "published.months"
COLUMNS: Final = (
    "table_name VARCHAR, billing_month DATE, month_hash VARCHAR, shown_month DATE, rows BIGINT,"
    " rows_hash HUGEINT"
)
THERE: Final = f"""
    SELECT 1 FROM duckdb_tables()
    WHERE database_name = current_database() AND schema_name || '.' || table_name = '{TABLE}'
"""
# A day as SQL writes it; none where a row has no month.
Month = str | None
# Of a month the rows that one month shows: (that, how many, their hash)
Groups = list[tuple[Month, int, int]]
Months = Mapping[Month, Groups]


def _read(connection: duckdb.DuckDBPyConnection, table: str, but: Collection[Month] = ()) -> Months:
    """Of a table's rows, without those of some months. `table`: as SQL names it."""
    columns = [row[0] for row in connection.execute(f"SELECT * FROM {table} LIMIT 0").description]
    shown = f"CAST(date_trunc('month', {SHOWN}) AS DATE)" if SHOWN in columns else "NULL"
    known = ", ".join(f"DATE {text(month)}" for month in but if month)
    rows = connection.execute(
        f"SELECT CAST(billing_month AS VARCHAR), CAST({shown} AS VARCHAR), count(*),"
        f" {hash_of_rows(', '.join(map(quoted, columns)))} FROM {table}"
        + (f" WHERE billing_month IS NULL OR billing_month NOT IN ({known})" if known else "")
        + " GROUP BY ALL ORDER BY ALL NULLS LAST"
    ).fetchall()
    months: dict[Month, Groups] = {}
    for month, *group in rows:
        months.setdefault(month, []).append((group[0], group[1], group[2]))
    return months


class MonthRows:
    """Of the open file that begins as the last published one, and the attached `warehouse`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, as_left: bool) -> None:
        """`as_left`: the file is as its publish left it.

        `lacking`: a table that is left in it -> months of the warehouse that it does not have.
        """
        self.lacking: dict[str, set[Month]] = {}
        self._connection = connection
        self._made_of = months_built(connection, "warehouse")
        self._noted = _noted(connection) if as_left else {}
        self._built: dict[str, Months] = {}

    def published(self, name: str) -> Months:
        """Of the file."""
        noted = {month: groups for month, (_, groups) in self._noted.get(name, {}).items()}
        return noted or _read(self._connection, f"main.{quoted(name)}")

    def built(self, name: str, *, anew: bool = False) -> Months:
        """Of the warehouse. `anew`: what was published is another table."""
        noted = {} if anew else self._noted.get(name, {})
        same = {
            month: groups
            for month, (made_of, groups) in noted.items()
            if made_of is not None and made_of == self._made_of.get(month or "")
        }
        read = _read(self._connection, f"warehouse.main.{quoted(name)}", but=same)
        self._built[name] = {**same, **read}
        return self._built[name]

    def write(self) -> None:
        """What is published now of the tables that were asked for."""
        self._connection.execute(f"CREATE TABLE {TABLE} ({COLUMNS})")
        rows = [
            f"({text(name)}, {_or_null(month)}, {_or_null(self._made_of.get(month or ''))},"
            f" {_or_null(shown)}, {count}, {rows_hash})"
            for name, months in self._built.items()
            for month, groups in months.items()
            for shown, count, rows_hash in groups
        ]
        if rows:
            self._connection.execute(f"INSERT INTO {TABLE} VALUES {', '.join(rows)}")


def _or_null(value: str | None) -> str:
    return "NULL" if value is None else text(value)


def _noted(
    connection: duckdb.DuckDBPyConnection,
) -> Mapping[str, Mapping[Month, tuple[str | None, Groups]]]:
    """Table -> month -> what it was built of, and its rows; none of an earlier release's marts."""
    if not connection.execute(THERE).fetchall():
        return {}
    found: dict[str, dict[Month, tuple[str | None, Groups]]] = {}
    for name, month, made_of, *group in connection.execute(
        "SELECT table_name, CAST(billing_month AS VARCHAR), month_hash,"
        f" CAST(shown_month AS VARCHAR), rows, rows_hash FROM {TABLE} ORDER BY ALL NULLS LAST"
    ).fetchall():
        _, groups = found.setdefault(name, {}).setdefault(month, (made_of, []))
        groups.append((group[0], group[1], group[2]))
    return found
