"""A model that a price map alone knows has its price from the map's date on, not before."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from compiled_project import CompiledProject
from workspaces import write_files

from ingestion.workspace.settings import Workspace
from tests.scenarios.companies import Company, OwnCompany

WORKSPACE = "company: Acme\ngateways:\n  - {name: log, format: generic, location: logs}\n"
HEADER = "timestamp,model_name,provider,input_token_count,output_token_count\n"


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
