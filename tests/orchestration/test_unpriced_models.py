"""Which models `check` says to have no price."""

from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.contracts import REQUESTS
from ingestion.price_maps import DatedPrices
from orchestration.unpriced_models import UnpricedModel, unpriced_models
from orchestration.warehouse import replace_landing, write_table

PRICES = pa.table({"provider": ["own"], "model": ["llama-hr"]})


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


def test_models_that_no_price_is_known_of_are_told_with_their_tokens() -> None:
    rows = [
        request("openai", "gpt-4o-2024-08-06", 10),
        request("own", "llama-hr", 10),
        request("openai", "gpt-secret", 10),
        request("openai", "gpt-secret", 20),
        request("own", "llama-it", 100),
        request("own", "never-called", 0),
        request("own", "from-cache", 10, "gateway_exact"),
        request(None, "of-nobody", 10),
    ]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        replace_landing(connection, {}, {})
        write_table(connection, "requests", pa.Table.from_pylist(rows, schema=REQUESTS))
        found = unpriced_models(connection, PRICES, DatedPrices())
    assert found == [
        UnpricedModel("llama-it", "own", 1, 101),
        UnpricedModel("gpt-secret", "openai", 2, 32),
    ]
