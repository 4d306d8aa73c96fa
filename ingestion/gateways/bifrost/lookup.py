"""The embedding by which Bifrost asked its semantic cache: billed, whether it hit or not."""

from collections.abc import Mapping
from typing import Any, Final

from ingestion.gateways.bifrost.usage import raw_usage, token_meters
from ingestion.gateways.spans.values import first_count, first_text
from ingestion.reading.providers import canonical_provider
from ingestion.records import Row

# Providers that it calls by another name than logs and bills do.
PROVIDERS: Final = {"vertex": "google", "sgl": "own", "vllm": "own"}
# What a lookup has of the call that it was for.
OF_CALL: Final = (
    *("session_id", "user_id", "customer_id", "started_at", "gateway_key_id", "gateway_key_alias"),
    *("gateway_team", "gateway_team_alias", "evidence_rank", "attributes"),
)


def lookup(row: Row, cache: Any) -> list[Row]:
    """A request of its own."""
    if not isinstance(cache, Mapping):
        return []
    model, tokens = first_text(cache, ("model_used",)), first_count(cache, ("input_tokens",))
    if model is None or not tokens:
        return []
    counts = {"prompt_tokens": tokens, "total_tokens": tokens}
    return [
        {
            **{name: row[name] for name in OF_CALL},
            **token_meters(counts),
            "request_key": f"{row['request_key']}/lookup",
            "request_id": f"{row['request_id']}/lookup",
            "request_id_made": False,
            "call_id": f"{row['request_id']}/lookup",
            "provider": provider(first_text(cache, ("provider_used",))),
            "operation": "embeddings",
            "model_requested": model,
            "model_routed": model,
            "status": "success",
            "tokens_estimated": False,
            "cache_layer": "none",
            "raw_usage": raw_usage(counts, counts),
        }
    ]


def provider(said: str | None) -> str | None:
    return PROVIDERS.get((said or "").lower()) or canonical_provider(said)
