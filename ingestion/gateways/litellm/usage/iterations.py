"""Anthropic's `usage.iterations`: the inner calls of one request, each billed at its own price.

`message` and `fallback_message` are samplings of the answer, of which the usage's own counts are
the sum, or, where a fallback served, those of the last ones. `compaction` and `advisor_message` are
not in them; an advisor and a fallback have a model of their own. [Anthropic SDK 2.14]
"""

from typing import Any, Final

import msgspec
from msgspec import Raw

from ingestion.gateways.litellm.record import Count, Section, text
from ingestion.gateways.litellm.usage.usage_object import CacheWrites
from ingestion.reading.unreadable import Unreadable, misfit
from ingestion.reading.usage.raw_usage import known_usage
from ingestion.reading.usage.token_counts import (
    CountNames,
    TokenCounts,
    UsageSemantics,
    disjoint_meters,
)
from ingestion.records import Row

PLACE: Final = "metadata.usage_object.iterations"
SAMPLINGS: Final = ("message", "fallback_message")
ROLES: Final = {"fallback_message": "fallback", "advisor_message": "escalation"}
OPERATIONS: Final = {"compaction": "compaction", "advisor_message": "advisor"}
MOST: Final = 1000  # inner calls of one request
BESIDE: Final = UsageSemantics(input_includes_cache=False)
NAMES: Final = CountNames(f"{PLACE}.input_tokens", f"{PLACE}.output_tokens", PLACE)
# Cache writes compare without their time to live: LiteLLM may not have it.
COMPARED: Final = (
    ("input_quantity",),
    ("cache_read_quantity",),
    ("cache_write_5m_quantity", "cache_write_1h_quantity"),
    ("output_quantity",),
)


class Iteration(Section):
    type: Any = None
    model: Any = None
    input_tokens: Count = None
    output_tokens: Count = None
    cache_read_input_tokens: Count = None
    cache_creation_input_tokens: Count = None
    cache_creation: CacheWrites | None = None


_ITERATION: Final = msgspec.json.Decoder(Iteration, strict=False)
_LIST: Final = msgspec.json.Decoder(list[Raw])


def rows_of_iterations(row: Row, literal: Raw) -> list[Row]:
    """The request's row, and one for each inner call that is not the one that answered.

    They are requests of one call: each has its model and its meters, so each is priced and matched
    by itself. The row keeps its id, its claim, its tools and the time of the whole; of an inner
    call nobody knows how long it took. Raises Unreadable where the counts of the calls and the
    request's own contradict each other.
    """
    calls = _calls(literal)
    meters = [_meters(call) for call, _ in calls]
    samplings = [n for n, (call, _) in enumerate(calls) if call.type in SAMPLINGS]
    if not samplings:
        return [row, *(_inner(row, n, *call, meters[n]) for n, call in enumerate(calls))]
    if not _agree(row, meters, samplings):
        if len(samplings) == len(calls) and not any(call.model for call, _ in calls):
            return [row]  # all of one price, and the usage's own counts are what is billed
        made = sum(each["provider_total_tokens"] for each in meters)
        reason = "not the calls that its usage is the sum of"
        raise Unreadable(PLACE, f"{reason} ({row['provider_total_tokens']}, they make {made})")
    if len(calls) == 1:
        return [row | _answered(row, calls[0][0])]
    last = samplings[-1]
    answered = row | meters[last] | _answered(row, calls[last][0])
    answered["reasoning_tokens"] = min(row["reasoning_tokens"] or 0, answered["output_quantity"])
    others = (n for n in range(len(calls)) if n != last)
    return [answered, *(_inner(row, n, *calls[n], meters[n]) for n in others)]


def _calls(literal: Raw) -> list[tuple[Iteration, bytes]]:
    """Each call as read and as its bytes; none where the log says nothing of them."""
    if not bytes(literal).startswith(b"["):
        return []
    found = [bytes(raw) for raw in _LIST.decode(literal)]
    if len(found) > MOST:
        raise Unreadable(PLACE, f"more than {MOST} calls ({len(found)})")
    calls = []
    for number, call in enumerate(found):
        try:
            calls.append((_ITERATION.decode(call), call))
        except msgspec.ValidationError as error:
            raise misfit(error, f"{PLACE}.{number}") from None
    return calls


def _meters(call: Iteration) -> Row:
    split = call.cache_creation or CacheWrites()
    counts = TokenCounts(
        input=call.input_tokens or 0,
        output=call.output_tokens or 0,
        cache_read=call.cache_read_input_tokens,
        cache_write=call.cache_creation_input_tokens,
        cache_write_5m=split.ephemeral_5m_input_tokens,
        cache_write_1h=split.ephemeral_1h_input_tokens,
    )
    return disjoint_meters(counts, BESIDE, NAMES)


def _agree(row: Row, meters: list[Row], samplings: list[int]) -> bool:
    """Whether the usage's own counts are those of the last samplings, or of all calls."""
    own = _compared([row])
    if own == _compared(meters):
        return True
    tails = (samplings[start:] for start in range(len(samplings)))
    return any(own == _compared([meters[n] for n in tail]) for tail in tails)


def _compared(meters: list[Row]) -> list[int]:
    return [sum(each[name] or 0 for each in meters for name in names) for names in COMPARED]


def _answered(row: Row, call: Iteration) -> Row:
    role = ROLES.get(call.type, row["attempt_role"])
    return {"attempt_role": role, "model_served": text(call.model) or row["model_served"]}


def _inner(row: Row, number: int, call: Iteration, literal: bytes, meters: Row) -> Row:
    kind = text(call.type) or ""
    others = {name: 0 for name in row if name.endswith("_quantity")}
    return {
        **row,
        **others,
        **meters,
        **_models(row, text(call.model)),
        "request_id": f"{row['request_id']}#{number + 1}",
        "request_key": f"{row['request_key']}#{number + 1}",
        "operation": OPERATIONS.get(kind, row["operation"]),
        "attempt_role": ROLES.get(kind, row["attempt_role"]),
        **dict.fromkeys(("latency_ms", "ttft_ms", "gateway_cost", "finish_reason", "max_tokens")),
        "raw_usage": known_usage(literal),
    }


def _models(row: Row, model: str | None) -> Row:
    """Of a call with a model of its own; where that is another, nobody says its tier, and names
    that were asked for and routed are the answering model's.
    """
    if model is None:
        return {}
    names = ("model_requested", "model_routed", "model_mapped")
    if model in {(row[name] or "").rpartition("/")[2] for name in names}:
        return {"model_served": model}
    tier = row["service_tier"]
    return {
        "model_served": model,
        **dict.fromkeys(names),
        "service_tier": tier if tier == "batch" else None,
    }
