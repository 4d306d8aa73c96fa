"""Checks of limits: keys with a warning and no limit, large keys of development, limits that stand
nowhere, limits of which nobody said whether they stand.

All fail in Dagster and are told by a run, and none ends it: a limit is set at a gateway or
provider, never by Tollbook. Reads mart_control_coverage.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import dagster as dg
import duckdb

from ingestion.workspace.settings import Workspace
from orchestration.running.memory import duckdb_config
from orchestration.running.progress import warn
from orchestration.running.warnings import CONTROLS

COVERAGE: Final = dg.AssetKey(["main", "mart_control_coverage"])
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
        ],
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
                asset_key=COVERAGE,
                passed=not sentence,
                severity=dg.AssetCheckSeverity.WARN,
                description=sentence or None,
            )

    return checked


def controls(connection: duckdb.DuckDBPyConnection, currency: str) -> dict[str, str]:
    """Check -> its sentence, empty where all is well; of published marts or a warehouse."""
    return {
        name: _sentence(
            connection.execute(ROWS.format(column=column)).fetchall(), what, advice, currency
        )
        for name, (column, what, advice) in CHECKS.items()
    }


def _sentence(rows: list[tuple[Any, ...]], what: str, advice: str, currency: str) -> str:
    if not rows:
        return ""
    named = "; ".join(_named(*row, currency=currency) for row in rows[:NAMED])
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
