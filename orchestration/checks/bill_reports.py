"""What reports of a bill say of each other, and what was not asked of them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import duckdb

MODELS: Final = ("stg_landing__bill_buckets", "stg_landing__charges")
_MONTH: Final = "CAST(date_trunc('month', bucket_start) AS DATE)"
_GROUPED: Final = f"""
    WITH periods AS (
        SELECT
            source, report, grouping, {_MONTH} AS month,
            count(DISTINCT CAST(bucket_start AS DATE)) AS days
        FROM staging.stg_landing__bill_buckets
        WHERE stands_as = 'bill' AND row_count > 0
        GROUP BY ALL
    ),
    money AS (
        SELECT
            source, report, grouping, {_MONTH} AS month, any_value(billing_currency) AS currency,
            sum(billed_cost_in_billing_currency) AS cost
        FROM staging.stg_landing__charges
        GROUP BY ALL
    )
    SELECT source, report, grouping, month, days, currency, coalesce(cost, 0)
    FROM periods
    LEFT JOIN money USING (source, report, grouping, month)
    ORDER BY ALL
"""
# Of a report: the columns that make money or use findable, and how the API spells the parameter.
_WANTED: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "costs": (("line_item", "project_id", "api_key_id"), "group_by"),
    "usage_completions": (("model", "project_id", "api_key_id"), "group_by"),
    "cost_report": (("description", "workspace_id"), "group_by[]"),
    "usage_messages": (("model", "api_key_id", "workspace_id"), "group_by[]"),
    "analytics_cost": (
        ("api_key_id", "workspace_id", "model", "cost_type", "token_type"),
        "group_by[]",
    ),
    "analytics_usage": (("api_key_id", "workspace_id", "model"), "group_by[]"),
}
# A report whose rows are all of the default workspace shows none either.
_OFTEN_NULL: Final = "workspace_id"


@dataclass(frozen=True, slots=True)
class Ungrouped:
    """Of one month of a report: columns that its rows do not have, its days and dollars."""

    source: str
    report: str
    month: date
    missing: tuple[str, ...]
    parameter: str
    days: int
    cost: Decimal
    currency: str | None

    def told(self) -> str:
        money = f", {self.cost.normalize():f} {self.currency}" if self.currency else ""
        asked = "&".join(f"{self.parameter}={column}" for column in self.missing)
        return (
            f"bill {self.source}: {self.report} of {self.month:%Y-%m} ({self.days} days{money})"
            f" came without {', '.join(self.missing)}, so its requests are found by less: pull or"
            f" save it again with {asked}"
        )


def ungrouped(connection: duckdb.DuckDBPyConnection) -> list[Ungrouped]:
    """Of a warehouse with MODELS."""
    rows = connection.execute(_GROUPED).fetchall()
    with_workspaces = {source for source, _, grouping, *_ in rows if _OFTEN_NULL in grouping}
    found = []
    for source, report, grouping, month, days, currency, cost in rows:
        wanted, parameter = _WANTED.get(report, ((), ""))
        missing = tuple(column for column in wanted if column not in grouping.split(","))
        if missing == (_OFTEN_NULL,) and source not in with_workspaces:
            continue
        if missing:
            found.append(Ungrouped(source, report, month, missing, parameter, days, cost, currency))
    return found


DIFFERENCES: Final = (
    "SELECT source, billing_month, report, grouping, days, billed_cost, control_cost,"
    " billing_currency FROM main.mart_bill_controls WHERE abs(difference) >= 0.01 ORDER BY ALL"
)


def control_differences(marts: duckdb.DuckDBPyConnection) -> list[str]:
    """A sentence for each control of a month that is a cent or more from the bill."""
    told = []
    for row in marts.execute(DIFFERENCES).fetchall():
        source, month, report, grouping, days, billed, control, currency = row
        by = f"grouped by {grouping.replace(',', ', ')}" if grouping else "not grouped"
        told.append(
            f"bill {source}: of {days} days of {month:%Y-%m} {report} ({by}) says"
            f" {control.normalize():f} {currency}, and {billed.normalize():f} are billed by the"
            " report that stands: pull or save both again, and ask the provider if they differ then"
        )
    return told
