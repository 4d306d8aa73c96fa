"""Which models `check` says that nobody knows, or that nobody has a price for."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from ingestion.contracts import REQUESTS
from ingestion.prices.litellm_map import DatedPrices
from ingestion.reference.files import read_reference
from orchestration.warehouse.landing_schema import replace_landing, write_table
from orchestration.warehouse.model_use import ModelUse, model_use
from tests.orchestration.small_warehouse import write_workspace

PRICES = "provider,model,meter,unit_price_per_million\nown,Llama-HR,input,1\n"
MODELS = "provider,raw_model,model\nazure,prod-*,gpt-4o\n"


def request(
    provider: str | None, model: str, tokens: int, cache_layer: str = "none"
) -> dict[str, Any]:
    return {
        "source": "prod",
        "batch": 1,
        "object_no": 0,
        "record_no": 0,
        "content_hash": "",
        "request_key": "",
        "request_id": "",
        "started_at": datetime(2026, 9, 1, tzinfo=UTC),
        "provider": provider,
        "model_served": model,
        "input_quantity": tokens,
        "output_quantity": 1 if tokens else 0,
        "tokens_estimated": False,
        "status": "success",
        "cache_layer": cache_layer,
    }


def test_names_are_told_with_their_tokens_and_what_the_gateway_claims(tmp_path: Path) -> None:
    rows = [
        request("openai", "gpt-4o-2024-08-06", 10),
        request("own", "llama-hr", 10),
        request("openai", "gpt-secret", 10),
        request("openai", " GPT-Secret", 20) | {"gateway_cost": Decimal("0.5")},
        request("own", "llama-it", 100),
        request("own", "never-called", 0),
        request("own", "from-cache", 10, "gateway_exact"),
        request(None, "of-nobody", 10),
        request("azure", "Prod-SWC", 60),
        request("azure", "deployed", 70) | {"model_mapped": "azure/gpt-4o"},
    ]
    workspace = write_workspace(tmp_path)
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "prices.csv").write_text(PRICES)
    (tmp_path / "reference" / "models.csv").write_text(MODELS)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        replace_landing(connection, {}, {})
        write_table(connection, "requests", pa.Table.from_pylist(rows, schema=REQUESTS))
        found = model_use(connection, read_reference(workspace).tables, DatedPrices())
    used = {(use.provider, use.raw_model): use for use in found}
    assert [use for use in found if use.is_unknown and not use.is_priced] == [
        ModelUse("own", "llama-it", "llama-it", True, False, 1, 101, None),
        ModelUse("openai", "gpt-secret", "gpt-secret", True, False, 2, 32, Decimal("0.5")),
        ModelUse("__unknown__", "of-nobody", "of-nobody", True, False, 1, 11, None),
    ]
    assert {use.model for use in found if use.is_priced} == {"gpt-4o", "llama-hr"}
    assert used["azure", "prod-swc"].model == used["azure", "azure/gpt-4o"].model == "gpt-4o"


@pytest.mark.parametrize(
    ("deployments", "unpriced"),
    [
        ("gpu-?", {"gpu-1", "gpu-[1]", "Gpu-1"}),
        ("gpu-[1]", {"gpu-1", "Gpu-1"}),
        ("gpu-*", {"Gpu-1"}),
        ("none; gpu-1 ;Gpu*", {"gpu-[1]"}),
        ("*", set()),
    ],
)
def test_models_of_a_pool_need_no_price_and_only_a_star_is_special(
    tmp_path: Path, deployments: str, unpriced: set[str]
) -> None:
    rows = [
        request("own", name, 10) | {"deployment_id": name} for name in ("gpu-1", "gpu-[1]", "Gpu-1")
    ]
    workspace = write_workspace(tmp_path)
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "capacity.csv").write_text(
        "pool,supply,monthly_cost,capacity,capacity_unit,owner,deployments\n"
        f"h100,self_hosted,1,1,tokens,,{deployments}\n"
    )
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        replace_landing(connection, {}, {})
        write_table(connection, "requests", pa.Table.from_pylist(rows, schema=REQUESTS))
        found = model_use(connection, read_reference(workspace).tables, DatedPrices())
    assert {use.model for use in found} == {name.lower() for name in unpriced}
    assert sum(use.requests for use in found) == len(unpriced)
