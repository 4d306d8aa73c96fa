"""What of a LiteLLM record a provider can bill, and what LiteLLM's own cost claim is worth."""

from decimal import Decimal
from typing import Final

from ingestion.gateways.litellm.outcome import READ_BACK, Outcome
from ingestion.gateways.litellm.record import ModelParameters, Record, Response, text
from ingestion.gateways.litellm.usage.counts import NOTHING_BILLED, QUANTITIES, token_meters
from ingestion.gateways.litellm.usage.pieces import IMAGE_CALLS, media, tool_calls
from ingestion.gateways.litellm.usage.usage_object import Usage
from ingestion.reading.exact_numbers import PICO
from ingestion.reading.usage.raw_usage import known_usage, with_spared
from ingestion.records import Row
from ingestion.vocabulary import PIECE_METERS

ZERO: Final = Decimal(0)
# Their usage always comes with details; counts without them are LiteLLM's tokenizer's.
TELL_DETAILS: Final = frozenset(("openai", "azure", "text-completion-openai"))


def billed_meters(
    record: Record,
    usage: Usage,
    literal: bytes | None,
    response: Response,
    parameters: ModelParameters,
    ends: Outcome,
    cost: Decimal | None,
) -> Row:
    """Meters of what reached the provider and was not refused; the claim stays in raw_usage."""
    call = text(record.call_type)
    if call in READ_BACK or not was_run(record, usage, ends, cost):
        return dict(NOTHING_BILLED)
    meters = token_meters(usage, record, call in IMAGE_CALLS)
    tokens = meters["provider_total_tokens"]
    pieces = tool_calls(usage, response)
    pieces |= media(call, record, literal, parameters, ends, tokens)
    if usage.output_image_count is not None:
        pieces["images"] = usage.output_image_count
    # where no token is told, none of these is known to be 0 either
    nothing = None if tokens is None else 0
    return meters | {f"{meter}_quantity": pieces.get(meter) or nothing for meter in PIECE_METERS}


def was_run(record: Record, usage: Usage, ends: Outcome, cost: Decimal | None) -> bool:
    """Whether a provider ran the call: a response-cache hit repeats the original's tokens.

    A refused call is logged with 0 tokens in S3 and with an estimate of its prompt in SpendLogs;
    only with a cost did it begin to run.
    """
    counts = (
        *(record.prompt_tokens, record.completion_tokens),
        *(usage.prompt_tokens, usage.completion_tokens),
    )
    return not ends.cache_hit and (not ends.failed or bool(cost and any(counts)))


def logged_usage(record: Record, usage: Usage, literal: bytes | None, ends: Outcome) -> str | None:
    """As logged; of a hit with what it spared, where the call that it repeats was run."""
    logged = known_usage(literal)
    call = text(record.call_type)
    if not ends.cache_hit or ends.failed or call in READ_BACK:
        return logged
    return with_spared(logged, lambda: token_meters(usage, record, call in IMAGE_CALLS))


def gateway_cost(cost: Decimal | None, meters: Row) -> Decimal | None:
    """LiteLLM's claim as logged, whatever it was for: releases claim a cost for cache hits too.

    NULL where its 0.0 means that it knows no price: beside quantities it never means "free".
    """
    if cost is None:
        return None
    if not cost:
        return None if any(meters[quantity] for quantity in QUANTITIES) else ZERO
    return cost.quantize(PICO)


def is_locally_counted(
    record: Record, usage: Usage, literal: bytes | None, ends: Outcome, meters: Row
) -> bool:
    """Tokens that LiteLLM counted itself, because no usage came back from the provider."""
    if not meters["provider_total_tokens"]:
        return False
    if ends.status != "success":
        return True
    # SpendLogs has no `stream`; there as in S3, a cache_hit of false is a stream's miss
    streamed = record.stream is True or record.cache_hit in (False, "False")
    return (
        streamed
        and literal is not None
        and usage.prompt_tokens_details is None
        and usage.input_tokens_details is None
        and text(record.custom_llm_provider) in TELL_DETAILS
    )
