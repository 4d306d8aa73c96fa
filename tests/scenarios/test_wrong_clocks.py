"""A caller whose clock is months ahead says nothing of now: signals are of the hours known."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from companies import Company, call, log, write_company
from test_runaways import REFERENCE, SETTINGS, at, imagen, plain, quiet

from tests.pipeline.compiled_project import CompiledProject

# The runaway of the night goes on when the log ends.
ENDS: Final = datetime(2026, 10, 20, 23, tzinfo=UTC)
SIGNALS: Final = {
    "runaways": "select entity, is_open, exposure_by_morning from mart_runaways order by all",
    "limits": "select axis, entity, measure, usage_hour from mart_hourly_limits"
    " where axis = 'key' and entity <> 'proxy/edge' and not is_raised order by all",
    "forecast": "select forecast_month, forecast_cost from mart_forecast_monthly"
    " where scope = 'company' order by all",
    "budgets": "select max(usage_hour) from mart_budget_status_hourly"
    " where usage_hour < '2027-01-01'",
}
BUDGETS: Final = "scope,scope_id,unit,expected\ncompany,,usd,5000\n"


def company(project: CompiledProject, folder: Path, *more: dict[str, Any]) -> dict[str, Any]:
    known = [line for line in (*quiet(), *imagen()) if line["timestamp"] < at(ENDS)]
    files = {**REFERENCE, "reference/budgets.csv": BUDGETS, "logs/all.ndjson": log([*known, *more])}
    made = Company(project, write_company(folder, files, SETTINGS))
    return {name: made.query(sql) for name, sql in SIGNALS.items()}


def test_a_record_of_next_year_moves_no_signal(project: CompiledProject, tmp_path: Path) -> None:
    known = company(project, tmp_path / "known")
    assert [row[:2] for row in known["runaways"]] == [("proxy/night", True)]
    assert known["budgets"] == [(plain(ENDS).replace(hour=22),)]
    ahead = call("2027-05-01T00:00:00Z", "large", 1000, key="edge", provider="house")
    assert company(project, tmp_path / "ahead", ahead) == known
