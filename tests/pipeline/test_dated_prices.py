"""Prices have dates: a change touches its own days, on a full and on an incremental build."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from compiled_project import CompiledProject
from workspace_runs import copy_workspace, run
from workspaces import HISTORY, assert_same_tables, contents, copy_sources, query, write_files

from ingestion.workspace.settings import Workspace
from tests.scenarios.companies import Company, OwnCompany

WORKSPACE = "company: Acme\ngateways:\n  - {name: log, format: generic, location: logs}\n"
HEADER = "timestamp,model_name,provider,input_token_count,output_token_count\n"
PRICES = (
    "provider,model,meter,service_tier,context_above,unit_price_per_million,valid_from,valid_to\n"
)
# in the middle of the simulated days, which begin on 22 September
DAY = "2026-09-25"


def price_map(model: str) -> str:
    entry = {"litellm_provider": "openai", "input_cost_per_token": 3e-6, "mode": "chat"}
    return json.dumps({model: entry, "gpt-4o": entry})


def costs(company: Company) -> dict[tuple[str, datetime], tuple[Any, ...]]:
    rows = company.query("select model, started_at, list_cost, price_status from fct_requests")
    return {(model, at.replace(tzinfo=UTC)): tuple(values) for model, at, *values in rows}


def test_a_model_that_only_a_price_map_knows_is_priced_from_its_date_on(
    compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    day = timedelta(days=1)
    dated = datetime(2026, 10, 2, tzinfo=UTC)
    expected = {
        ("acme-dated", dated - timedelta(seconds=1)): (None, "unpriced"),
        ("acme-dated", dated): (Decimal("0.003"), "priced"),
        ("acme-seen", now - day): (None, "unpriced"),
        ("acme-seen", now + day): (Decimal("0.003"), "priced"),
        # the book of genai-prices comes first
        ("gpt-4o", now + day): (Decimal("0.0025"), "priced"),
    }
    log = [f"{at.isoformat()},{model},openai,1000,0\n" for model, at in expected]
    write_files(
        tmp_path,
        {
            "tollbook.yaml": WORKSPACE,
            "logs/day.csv": HEADER + "".join(log),
            "reference/litellm_prices_2026-10-02.json": price_map("acme-dated"),
            "reference/litellm_prices.json": price_map("acme-seen"),
        },
    )
    assert costs(OwnCompany(compiled, tmp_path)) == expected
    # the landing has both contents: neither the files nor the warehouse are needed for them
    shutil.rmtree(tmp_path / "reference")
    for built in tmp_path.glob("*.duckdb"):
        built.unlink()
    assert costs(OwnCompany(compiled, tmp_path)) == expected


@pytest.fixture(scope="module")
def company(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_workspace(small, tmp_path_factory.mktemp("dated") / "company")


def test_a_price_from_day_d_leaves_the_days_before_it_untouched(
    company: Path, compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    before, written = contents(company), files_of_days(company)
    used = query(company, f"select count(*) from fct_requests where {changed(DAY)}")
    assert used[0][0] > 0
    file = company / "reference" / "prices.csv"
    lines = f"openai,gpt-4o-mini,input,,,0.17,{DAY},\nopenai,gpt-4o,input,,,3,{DAY},\n"
    file.write_text((file.read_text() if file.exists() else PRICES) + lines)
    outcome = run(company)
    assert outcome.status == 0, outcome.output
    after = contents(company)
    assert before["fct_requests"] != after["fct_requests"]
    unchanged = {day: data for day, data in files_of_days(company).items() if day < DAY}
    assert unchanged and unchanged.items() <= written.items()
    assert rows_before(company, before) == rows_before(company, after)
    copy_sources(company, tmp_path)
    assert_same_tables(OwnCompany(compiled, tmp_path).tables(), after, but=HISTORY)


def changed(day: str) -> str:
    return f"usage_date >= '{day}' and model in ('gpt-4o', 'gpt-4o-mini')"


def files_of_days(folder: Path) -> dict[str, list[bytes]]:
    """UTC day -> the published Parquet of its requests."""
    found: dict[str, list[bytes]] = {}
    for file in sorted((folder / "marts.requests").rglob("*.parquet")):
        [day] = [part.split("=")[-1] for part in file.parts if "2026-" in part]
        found.setdefault(day[:10], []).append(file.read_bytes())
    return found


def rows_before(folder: Path, tables: dict[str, list[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    names = [row[0] for row in query(folder, "describe main.fct_requests")]
    place = names.index("usage_date")
    return [row for row in tables["fct_requests"] if str(row[place]) < DAY]
