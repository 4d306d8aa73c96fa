"""litellm and genai-prices on the same requests, each in the form that is fastest for it.

Their arguments are made outside of the measured time. Nothing is fetched: litellm reads the price
map of its own package.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import version
from typing import Any

from genai_prices import Usage, calc_price

from benchmarks.rating.sample import Priced
from ingestion.prices.book import CONTEXTS

LITELLM_PROVIDERS = {"google": "gemini"}


@dataclass(frozen=True, slots=True)
class Peer:
    """`call(**arguments(request))` answers what `dollars` makes dollars of."""

    name: str
    version: str
    arguments: Callable[[Priced], dict[str, Any]]
    call: Callable[..., Any]
    dollars: Callable[[Any], Decimal]
    tolerance: Decimal  # relative: what its own arithmetic loses


def genai_prices() -> Peer:
    return Peer(
        "genai-prices calc_price",
        version("genai-prices"),
        _genai_arguments,
        calc_price,
        lambda answer: Decimal(answer.total_price),
        Decimal(0),
    )


def litellm() -> Peer:
    """Raises ImportError where the dependency group `bench` is not installed."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    from litellm import cost_per_token

    return Peer(
        "litellm cost_per_token",
        version("litellm"),
        _litellm_arguments,
        cost_per_token,
        lambda answer: Decimal(sum(answer)),
        Decimal("1e-9"),  # it adds floats
    )


def _genai_arguments(request: Priced) -> dict[str, Any]:
    return {
        "usage": Usage(
            input_tokens=request.total_input,
            cache_read_tokens=request.cache_read,
            cache_write_tokens=request.cache_writes,
            cache_write_1h_tokens=request.cache_write_1h,
            output_tokens=request.output,
            web_searches=request.web_searches,
        ),
        "model_ref": request.model,
        "provider_id": request.provider,
        "genai_request_timestamp": request.started_at,
        "price_context": CONTEXTS[request.service_tier],
    }


def _litellm_arguments(request: Priced) -> dict[str, Any]:
    from litellm.types.utils import CacheCreationTokenDetails, PromptTokensDetailsWrapper, Usage

    usage = Usage(
        prompt_tokens=request.total_input,
        completion_tokens=request.output,
        total_tokens=request.total_input + request.output,
        prompt_tokens_details=PromptTokensDetailsWrapper(
            cached_tokens=request.cache_read,
            cache_creation_tokens=request.cache_writes,
            cache_creation_token_details=CacheCreationTokenDetails(
                ephemeral_5m_input_tokens=request.cache_write_5m,
                ephemeral_1h_input_tokens=request.cache_write_1h,
            ),
        ),
        cache_creation_input_tokens=request.cache_writes,
        cache_read_input_tokens=request.cache_read,
    )
    return {
        "model": request.model,
        "custom_llm_provider": LITELLM_PROVIDERS.get(request.provider, request.provider),
        "usage_object": usage,
        "prompt_tokens": request.total_input,
        "completion_tokens": request.output,
        # batch is no service tier of cost_per_token, but a kind of call
        "call_type": "retrieve_batch" if request.service_tier == "batch" else "completion",
    }
