"""Checks of limits: keys with a warning and no limit, large keys of development, limits that stand
nowhere, limits of which nobody said whether they stand.

All fail in Dagster and are told by a run, and none ends it: a limit is set at a gateway or
provider, never by Tollbook. Reads mart_control_coverage and mart_budget_status_hourly.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

import dagster as dg
import duckdb

from ingestion.workspace.settings import Workspace
from orchestration.running.memory import duckdb_config
from orchestration.running.progress import warn
from orchestration.running.warnings import CONTROLS

COVERAGE: Final = dg.AssetKey(["main", "mart_control_coverage"])
STATUS: Final = dg.AssetKey(["main", "mart_budget_status_hourly"])
NAMED: Final = 5
# Check -> the column that fails it, what it says of all, and what is to be done.
CHECKS: Final[Mapping[str, tuple[str, str, str]]] = {
    "keys_have_hard_limits": (
        "is_alert_only",
        "keys and projects with a warning and no limit, which nothing stops",
        "give each a hard_percent in budgets.csv, and set that limit where it is used",
    ),
    "development_keys_are_small": (
        "is_large_for_development",
        "keys of development that may spend more than 50 a month",
        "lower the limit, or say in credentials.csv which environment it is of",
    ),
    "limits_stand": (
        "is_not_standing",
        "limits of budgets.csv that do not stand where limits were read",
        "send what exports/limits.json has for them, and save the answers again",
    ),
    "limits_are_known": (
        "is_not_known",
        "limits of budgets.csv of which is not known whether they stand",
        "the warning of each `limits_api` that did not answer says what to do",
    ),
}
REFUSED: Final = "nobody_is_refused_in_business_hours"
REFUSED_ROWS: Final = """
    SELECT scope, coalesce(scope_id, 'all') AS scope_id, sum(business_blocked_requests) AS requests
    FROM main.mart_budget_status_hourly
    WHERE budget_month = (SELECT max(budget_month) FROM main.mart_budget_status_hourly)
    GROUP BY ALL
    HAVING sum(business_blocked_requests) > 0
    ORDER BY requests DESC, scope, scope_id
"""
REFUSED_WHAT: Final = "budgets whose requests were refused for money in business hours"
REFUSED_ADVICE: Final = (
    "raise what refused them, or degrade before it: exports/limits.json has from where"
)
ROWS: Final = """
    SELECT scope, scope_id, unit, hard_limit, standing_hard_limit
    FROM main.mart_control_coverage
    WHERE {column}
    ORDER BY scope, scope_id, budget_id
"""


def control_checks(workspace: Workspace) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(
        name="limits_checked",
        specs=[
            dg.AssetCheckSpec(name, asset=COVERAGE, description=f"There are no {what}.")
            for name, (_, what, _) in CHECKS.items()
        ]
        + [dg.AssetCheckSpec(REFUSED, asset=STATUS, description=f"There are no {REFUSED_WHAT}.")],
        required_resource_keys={"run_lock"},
    )
    def checked(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        with duckdb.connect(
            workspace.warehouse, read_only=True, config=dict(duckdb_config(workspace))
        ) as connection:
            wrong = controls(connection, workspace.currency)
        told = [f"warning: {name}: {sentence}" for name, sentence in wrong.items() if sentence]
        warn(context.log, workspace, CONTROLS, told)
        for name, sentence in wrong.items():
            yield dg.AssetCheckResult(
                check_name=name,
                asset_key=STATUS if name == REFUSED else COVERAGE,
                passed=not sentence,
                severity=dg.AssetCheckSeverity.WARN,
                description=sentence or None,
            )

    return checked


def controls(connection: duckdb.DuckDBPyConnection, currency: str) -> dict[str, str]:
    """Check -> its sentence, empty where all is well; of published marts or a warehouse."""
    said = {}
    for name, (column, what, advice) in CHECKS.items():
        rows = connection.execute(ROWS.format(column=column)).fetchall()
        said[name] = _sentence([_named(*row, currency=currency) for row in rows], what, advice)
    refused = [
        f"{scope} {scope_id} ({requests:,})"
        for scope, scope_id, requests in connection.execute(REFUSED_ROWS).fetchall()
    ]
    return {**said, REFUSED: _sentence(refused, REFUSED_WHAT, REFUSED_ADVICE)}


def _sentence(rows: Sequence[str], what: str, advice: str) -> str:
    if not rows:
        return ""
    named = "; ".join(rows[:NAMED])
    more = f" and {len(rows) - NAMED} more" if rows[NAMED:] else ""
    return f"{what}: {named}{more}: {advice}"


def _named(
    scope: str,
    scope_id: str,
    unit: str | None,
    hard: Decimal | None,
    standing: Decimal | None,
    *,
    currency: str,
) -> str:
    """`credential ci-bot (12.00 USD, 60.00 USD stands)`."""
    said = []
    if hard is not None:
        said.append(_amount(hard, unit if unit != currency.lower() else currency))
    if standing is not None:
        said.append(f"{_amount(standing, currency)} stands")
    return f"{scope} {scope_id}" + (f" ({', '.join(said)})" if said else "")


def _amount(amount: Decimal, unit: str | None) -> str:
    return f"{amount:,.2f} {unit}"
