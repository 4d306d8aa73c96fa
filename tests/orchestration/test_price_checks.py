"""Price data that is too old and models without a price fail their checks, and are told."""

from collections.abc import Sequence
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from click.testing import CliRunner

from ingestion.workspace.settings import Workspace
from orchestration.checks.prices import price_checks
from orchestration.command import tollbook
from tests.orchestration.small_warehouse import write_workspace

pytestmark = pytest.mark.whole

TABLES = """
create schema landing; create schema seen; create schema intermediate;
create table landing.capacity (pool varchar);
create table landing.price_book (source varchar, checked_on date);
create table seen.request_days (started_until timestamptz);
create table intermediate.int_unpriced_daily (
    provider varchar, model varchar, service_tier varchar, billing_account varchar,
    raw_model varchar, model_source varchar, meter varchar, quantity bigint,
    requests_once bigint, gateway_cost_once decimal(38, 12));
insert into landing.price_book values ('genai-prices', '2026-08-01'), ('litellm', '2026-09-01');
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = write_workspace(tmp_path)
    with duckdb.connect(workspace.warehouse) as connection:
        connection.execute(TABLES)
    return workspace


def fill(workspace: Workspace, newest: str, models: Sequence[tuple[str, str, int, bool]]) -> None:
    """`models`: name, meter, quantity and whether it has a price."""
    with duckdb.connect(workspace.warehouse) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("insert into seen.request_days values (?::timestamptz)", [newest])
        for model, meter, quantity, is_priced in models:
            if is_priced:
                continue
            connection.execute(
                "insert into intermediate.int_unpriced_daily"
                " values ('acme', ?, ?, 'org', ?, 'as_logged', ?, ?, 1, null)",
                [model, "batch" if meter == "output" else "standard", model, meter, quantity],
            )


def evaluate(workspace: Workspace) -> dict[str, dg.AssetCheckEvaluation]:
    """The checks as Dagster records them: the run itself succeeds."""
    lock = dg.ResourceDefinition.hardcoded_resource(None)
    definitions = dg.Definitions(
        asset_checks=[price_checks(workspace)],
        jobs=[dg.define_asset_job("checks", dg.AssetSelection.all_asset_checks())],
        resources={"run_lock": lock},
    )
    result = definitions.resolve_job_def("checks").execute_in_process()
    assert result.success
    return {check.check_name: check for check in result.get_asset_check_evaluations()}


def test_fresh_prices_of_all_models_pass(
    workspace: Workspace, capfd: pytest.CaptureFixture[str]
) -> None:
    models = [("gpt-4o", "input", 5, True), ("painter", "images", 5, False)]
    # 45 days after the newest source's day, to the last microsecond
    fill(workspace, "2026-10-16 23:59:59.999999+00", models)
    assert all(check.passed for check in evaluate(workspace).values())
    assert "warning" not in capfd.readouterr().err


def test_a_day_more_is_stale(workspace: Workspace) -> None:
    fill(workspace, "2026-10-17 00:00:00+00", [])
    checks = evaluate(workspace)
    assert checks["models_priced"].passed
    assert not checks["fresh"].passed
    assert checks["fresh"].severity == dg.AssetCheckSeverity.ERROR
    assert checks["fresh"].asset_key == dg.AssetKey(["warehouse", "price_book"])
    told = checks["fresh"].description or ""
    assert told.startswith(
        "the newest price data is of 2026-09-01, 46 days before the newest request (2026-10-17);"
        " price_max_age_days allows 45: put a newer litellm_prices.json into the reference folder"
    )


def test_price_data_without_a_day_is_not_called_fresh(workspace: Workspace) -> None:
    with duckdb.connect(workspace.warehouse) as connection:
        connection.execute("update landing.price_book set checked_on = null")
    assert evaluate(workspace)["fresh"].passed  # nothing to price
    fill(workspace, "2026-10-17 00:00:00+00", [])
    assert "no price data says of when" in (evaluate(workspace)["fresh"].description or "")


def test_the_models_with_most_tokens_and_no_price_are_named(workspace: Workspace) -> None:
    models = [(f"m{number}", "input", number, False) for number in range(1, 8)]
    models += [("m1", "output", 1_000_000, False), ("m7", "output", 5, True)]
    fill(workspace, "2026-09-01 00:00:00+00", models)
    checks = evaluate(workspace)
    assert checks["fresh"].passed
    assert not checks["models_priced"].passed
    told = checks["models_priced"].description or ""
    assert told.startswith(
        "models with tokens and no price: m1 of acme, batch (1,000,000 tokens); m7 of acme"
        " (7 tokens); m6 of acme (6 tokens); m5 of acme (5 tokens); m4 of acme (4 tokens) and 3"
        " more: give each a price in prices.csv"
    )


def test_a_run_tells_both_and_ends_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOLLBOOK_WORKSPACE", "")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "log.csv").write_text(
        "timestamp,model_name,provider,input_token_count,output_token_count\n"
        "2060-01-01T00:00:00Z,nobody-knows,openai,1000,0\n"
    )
    (tmp_path / "tollbook.yaml").write_text(
        "company: Acme\nprice_max_age_days: 400\n"
        "gateways:\n  - {name: log, format: generic, location: logs}\n"
    )
    result = CliRunner().invoke(tollbook, ["--workspace", str(tmp_path), "run"])
    assert result.exit_code == 0, result.output
    assert "days before the newest request (2060-01-01); price_max_age_days allows 400: " in (
        result.stderr
    )
    assert "warning: models with tokens and no price: nobody-knows of openai (1,000 tokens): " in (
        result.stderr
    )
