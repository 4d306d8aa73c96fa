"""Logs of `made_up`: a line of JSON for each call of a model.

FILL IN: who writes it, how it is exported, which releases this was read from.
"""

from datetime import datetime
from functools import partial
from typing import Any, Final

import msgspec

from ingestion.reading.attributes import attributes, flatten
from ingestion.reading.collecting import Collected, logged_text, read_json_records
from ingestion.reading.instants import text_instant
from ingestion.reading.providers import canonical_provider, provider_of_model
from ingestion.reading.tags import split_tags
from ingestion.reading.unreadable import Unreadable, misfit
from ingestion.reading.usage.token_counts import CountNames, TokenCounts, UsageSemantics
from ingestion.reading.usage.token_proof import proven_meters
from ingestion.records import Parsed, Row
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "1"
# FILL IN: what its counts contain; a part that is not in one stands beside it.
SEMANTICS: Final = UsageSemantics(input_includes_cache=True, output_includes_reasoning=True)
# FILL IN: what the log calls its counts, for the quarantine.
NAMES: Final = CountNames(input="input_tokens", output="output_tokens", total="total_tokens")
# FILL IN: its words of how a call ended; one that is not here refuses its record.
STATUSES: Final = {"ok": "success", "error": "error", "cancelled": "cancelled"}


class Call(msgspec.Struct):
    """FILL IN: the fields of a line; one that a line may leave out has a default."""

    id: str
    time: str
    model: str
    status: str
    provider: str | None = None
    key: str | None = None
    attempt: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    tags: Any = None
    metadata: Any = None


_CALL: Final = msgspec.json.Decoder(Call)


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return SEMANTICS


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    collected = Collected(gateway.named, gateway.limits)
    content = logged_text(data, gateway.limits)
    return read_json_records(content, partial(_read, gateway.name), collected)


def _read(source: str, literal: bytes, record_no: int) -> Row:
    try:
        call = _CALL.decode(literal)
    except msgspec.ValidationError as error:
        raise misfit(error) from None
    except msgspec.DecodeError:
        raise Unreadable(None, "not JSON") from None
    started = text_instant(call.time, "time")
    try:
        return _row(call, started, source)
    except Unreadable as refusal:
        # a lost record makes its own day incomplete, not all of them
        refusal.day = started.date()
        raise


def _row(call: Call, started: datetime, source: str) -> Row:
    """FILL IN: columns of REQUESTS in ingestion/contracts.py; what is left out is NULL."""
    if call.status not in STATUSES:
        raise Unreadable("status", f"none of {', '.join(STATUSES)}")
    attempt = "" if call.attempt is None else f":{call.attempt}"
    tags, labels = split_tags(call.tags)
    return {
        # records with one key are one request: a retry is another, a line told twice is not
        "request_key": f"made_up:{source}:{call.id}{attempt}",
        "request_id": call.id,
        "started_at": started,
        "attempt_no": call.attempt,
        "status": STATUSES[call.status],
        "provider": canonical_provider(call.provider) or provider_of_model(call.model),
        "model_requested": call.model,
        "gateway_key_id": call.key,
        "tokens_estimated": False,
        "evidence_rank": 1,
        "attributes": attributes(tags, labels, flatten(call.metadata), {}),
        **_meters(call),
    }


def _meters(call: Call) -> Row:
    counts = TokenCounts(
        input=call.input_tokens,
        output=call.output_tokens,
        total=call.total_tokens,
        cache_read=call.cached_tokens,
        reasoning=call.reasoning_tokens,
    )
    return proven_meters(counts, SEMANTICS, NAMES)
