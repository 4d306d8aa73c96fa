"""What the files of a month are made of, as one hash: where it is what it was, so are they.

Rows are hashed as they are published, each under the months that it may be told in; where a publish
noted the hashes, and left the file as it is, these are taken. Files of a
month are made of its own rows and of those of the month before; where it posts corrections, whose
names and invoices are asked of all months, of all there are. A test empties the marts of all else.
"""

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import duckdb

from orchestration.exports.manifest import currency_of
from orchestration.exports.site.statement import month_before
from orchestration.publishing.origin import read_origin
from orchestration.running.release import release
from orchestration.warehouse.rows_hash import hash_of_rows


@dataclass(frozen=True, slots=True)
class Part:
    """Of a table the rows that files of months read. `first` and `last`: the days or months of a
    row, in SQL; none where any month may tell it. `columns`: those that are read, all without.
    """

    first: str = "NULL"
    last: str = ""
    columns: Sequence[str] = ()
    where: str = "true"


CORRECTIONS: Final = "mart_corrections"
BY_BILLING_MONTH: Final = Part("billing_month")
BY_SHOWBACK_MONTH: Final = Part("showback_month")
# a day is shown in another month where the workspace's calendar is not the bill's
BY_SHOWN_DAY: Final = Part(
    "least(billing_month, showback_date)", "greatest(billing_month, showback_date)"
)
PARTS: Final[Mapping[str, Part]] = {
    "fct_cost_allocations": BY_SHOWN_DAY,
    "fct_charges": BY_BILLING_MONTH,
    "dim_teams": Part(),
    "mart_chargeback_monthly": BY_BILLING_MONTH,
    "mart_showback_monthly": BY_SHOWBACK_MONTH,
    "mart_reconciliation_monthly": BY_BILLING_MONTH,
    "mart_month_completeness": BY_BILLING_MONTH,
    "mart_recovery_monthly": BY_BILLING_MONTH,
    CORRECTIONS: Part("posting_month"),
    "mart_variance_bridge": BY_BILLING_MONTH,
    "mart_tier_margin_monthly": BY_SHOWBACK_MONTH,
    "mart_unit_cost_monthly": BY_SHOWBACK_MONTH,
    "mart_outcome_cost_monthly": BY_SHOWBACK_MONTH,
    "mart_unit_cost_daily": Part("usage_date"),
    "mart_runaways": Part("first_seen_at", "last_seen_at"),
    "mart_budget_status_hourly": Part("budget_month", where="is_latest"),
    "mart_savings_levers": BY_BILLING_MONTH,
    "mart_break_evens": BY_BILLING_MONTH,
    "mart_forecast_monthly": Part("known_until"),
    "mart_data_quality_daily": Part("day"),
    "mart_unpriced_usage": Part("first_day", "last_day"),
    # how often a rule or a spelling is used grows with each day: of spellings no page says it
    "dim_attribution_rules": Part(
        columns=("rule", "status", "matched_requests", "matched_cost", "rule_rank")
    ),
    "mart_likely_misspellings": Part(columns=("dimension", "spelling", "likely_owner")),
}
# What is read of the tables above by a name of its own: its SQL decides, too.
VIEWS: Final = ("dim_control_layers", "mart_focus")
GROUPS: Final = """
    SELECT
        CAST(date_trunc('month', CAST({first} AS DATE)) AS DATE) AS first_month,
        CAST(date_trunc('month', CAST({last} AS DATE)) AS DATE) AS last_month,
        count(*),
        {rows_hash}
    FROM main.{table}
    WHERE {where}
    GROUP BY ALL
    ORDER BY ALL NULLS LAST
"""
# What publishing/month_rows.py noted, as groups.
NOTED: Final = """
    SELECT
        table_name,
        least(billing_month, shown_month) AS first_month,
        greatest(billing_month, shown_month) AS last_month,
        CAST(sum(rows) AS BIGINT),
        sum(rows_hash)
    FROM published.months
    WHERE list_contains(?, table_name)
    GROUP BY ALL
    ORDER BY ALL NULLS LAST
"""
SHAPES: Final = """
    SELECT table_name, list(column_name || ' ' || data_type ORDER BY column_index)
    FROM duckdb_columns()
    WHERE schema_name = 'main' AND database_name = current_database()
        AND list_contains(?, table_name)
    GROUP BY ALL
    ORDER BY ALL
"""
VIEWS_SQL: Final = """
    SELECT view_name, sql FROM duckdb_views()
    WHERE schema_name = 'main' AND database_name = current_database()
        AND list_contains(?, view_name)
    ORDER BY ALL
"""


# (table, first month, last month, rows, their hash)
Group = tuple[str, date | None, date | None, int, int]


class MadeOf:
    """Of open marts, read once for all months."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        statuses: Mapping[date, str],
        *,
        as_left: bool = False,
    ) -> None:
        """`as_left`: the marts are as their publish left them."""
        self._statuses = statuses
        shapes = connection.execute(SHAPES, [[*PARTS, *VIEWS]]).fetchall()
        views = connection.execute(VIEWS_SQL, [[*VIEWS]]).fetchall()
        origin = read_origin(connection)
        self._of_all = [release(), sys.version, origin, currency_of(connection), shapes, views]
        noted = _noted(connection) if as_left else {}
        self._groups = [
            group
            for name, _ in shapes
            if name in PARTS
            for group in noted.get(name) or _groups(connection, name)
        ]

    def of(self, month: date) -> str:
        """Another one where a file of the month may be another one."""
        groups = [group for group in self._groups if _may_be_told(group, month)]
        if any(name == CORRECTIONS and first == month for name, first, *_ in groups):
            groups = self._groups
        known = [each for each in self._statuses if each <= month]
        said = [*self._of_all, month, self._statuses[month], known, groups]
        return hashlib.sha256(json.dumps(said, default=repr).encode()).hexdigest()


def _groups(connection: duckdb.DuckDBPyConnection, table: str) -> list[Group]:
    part = PARTS[table]
    rows = connection.execute(
        GROUPS.format(
            table=table,
            first=part.first,
            last=part.last or part.first,
            rows_hash=hash_of_rows(", ".join(part.columns) or "*COLUMNS(*)"),
            where=part.where,
        )
    ).fetchall()
    return [(table, *row) for row in rows]


def _noted(connection: duckdb.DuckDBPyConnection) -> Mapping[str, list[Group]]:
    """Of tables by billing month, whose rows are told as a day of them is shown."""
    tables = [name for name, part in PARTS.items() if part == BY_SHOWN_DAY]
    found: dict[str, list[Group]] = {}
    for table, *group in connection.execute(NOTED, [tables]).fetchall():
        found.setdefault(table, []).append((table, *group))
    return found


def _may_be_told(group: Group, month: date) -> bool:
    """On the files of the month, which tell of the month before, too."""
    _, first, last, *_ = group
    return first is None or last is None or (first <= month and month_before(month) <= last)
