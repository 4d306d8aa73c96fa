"""What a LiteLLM record says for itself; all that is left of it other records say, too: its kind.

Ids, claims, usage and what the caller said are read by the rules of `row.py`, times and counts by
columns (`own_columns.py`); the rest of the record, as JSON, is the kind. Nothing that a
rule reads is in neither.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import count
from operator import attrgetter
from types import NoneType
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct

from ingestion.gateways.litellm.attributes import Words, words_of_caller
from ingestion.gateways.litellm.billed import gateway_cost, logged_usage, was_run
from ingestion.gateways.litellm.facts import provider_request_id, response_facts
from ingestion.gateways.litellm.outcome import READ_BACK, Outcome, outcome
from ingestion.gateways.litellm.record import (
    ABSENT,
    NOTHING,
    AdditionalHeaders,
    ErrorInformation,
    HiddenParams,
    Metadata,
    Record,
    Response,
    Section,
    text,
)
from ingestion.gateways.litellm.row import identity, usage_of
from ingestion.gateways.litellm.usage.counts import NOTHING_BILLED, Counts, logged_counts
from ingestion.gateways.litellm.usage.pieces import counts_media
from ingestion.gateways.litellm.usage.usage_object import Usage, usage_literal
from ingestion.gateways.litellm.values import claimed_cost, started_at
from ingestion.reading.instants import EPOCH
from ingestion.reading.unreadable import ODD
from ingestion.reading.usage.raw_usage import known_usage
from ingestion.records import Row
from ingestion.workspace.named_places import NamedPlaces

# Columns of the contract, in the order of a record's own values.
IDS: Final = (
    *("request_key", "request_id", "request_id_made", "call_id", "trace_id", "session_id"),
    *("provider_request_id", "user_id", "customer_id", "prompt_version"),
)
NAMES: Final = tuple(name for name in IDS if name != "request_id_made")
SAID: Final = ("gateway_cost", "raw_usage", "attributes", "unnamed_attributes")
# And what becomes columns of it with other records: times as they are written, counts.
TIMES: Final = ("started", "ended", "first_token")
COUNTS: Final = (
    *("input", "output", "total", "cache_read", "cache_write", "cache_write_5m", "cache_write_1h"),
    *("audio_input", "image_input", "audio_output", "image_output", "reasoning"),
)
VALUES: Final = (*IDS, *TIMES, *SAID, *COUNTS)
WORDS: Final = frozenset((str, NoneType))
# Records that take a step together: they stay in the processor's cache.
AT_ONCE: Final = 64
_RECORD: Final = msgspec.json.Decoder(Record, strict=False)
_JSON: Final = msgspec.json.Encoder()
_NO_ERROR: Final = ErrorInformation()
_NONE_COUNTED: Final[Counts] = (0,) * len(COUNTS)
# What a claim of 0 stands beside.
_SOME: Final[Row] = NOTHING_BILLED | {"input_quantity": 1}

Kind = tuple[Any, ...]


def _all_but(section: type[Section], *names: str) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*(name for name in section.__struct_fields__ if name not in names))


# A kind is all that `record.py` names, but for what a record says for itself.
_OF_RECORD: Final = _all_but(
    Record,
    *("id", "request_id", "litellm_call_id", "trace_id", "session_id", "end_user"),
    *("started", "ended", "completion_started", "response_cost"),
    *("prompt_tokens", "completion_tokens", "total_tokens", "usage"),
    *("response", "messages", "request_tags", "proxy_server_request"),
    # in parts, below
    *("metadata", "hidden_params", "error_information", "error_str", "custom_llm_provider"),
)
_OF_METADATA: Final = _all_but(
    Metadata,
    *("user_api_key_user_id", "user_api_key_end_user_id"),
    *("usage_object", "additional_usage_values"),
    *("tags", "proxy_server_request", "requester_metadata", "requester_custom_headers"),
    *("spend_logs_metadata", "user_api_key_auth_metadata", "user_api_key_metadata"),
    "user_api_key_team_metadata",
)
_OF_HEADERS: Final = _all_but(
    AdditionalHeaders,
    *("openai_request_id", "provider_request_id", "request_id", "failed_request_id"),
)
_OF_HIDDEN: Final = _all_but(HiddenParams, "additional_headers")
_OF_ERROR: Final = _all_but(ErrorInformation, "error_provider_request_id")


class Said(Struct, gc=False):
    kind: Kind
    values: tuple[Any, ...]


class _Opened(Struct, gc=False):
    place: int
    literal: bytes
    record: Record
    metadata: Metadata
    counted: bytes | None
    usage: Usage
    answer: Kind


class OwnValues:
    """Of the records of one object. `ends`: what became of the records of a kind, None of one that
    is read by the rules of one record alone."""

    def __init__(self, named: NamedPlaces) -> None:
        self._named = named
        self._ends: dict[bytes, Outcome | None] = {}

    def said(self, literals: Sequence[bytes]) -> list[Said | None]:
        """None for a record that is not a plain log object, or odd in anything."""
        found: list[Said | None] = []
        for start in range(0, len(literals), AT_ONCE):
            some = literals[start : start + AT_ONCE]
            try:
                found += self._together(some)
            except ODD:
                for literal in some:
                    try:
                        found += self._together([literal])
                    except ODD:
                        found.append(None)
        return found

    def _together(self, literals: Sequence[bytes]) -> list[Said | None]:
        """Step by step: a processor is faster at what it has just done."""
        found: list[Said | None] = [None] * len(literals)
        plain = [each for each in map(_opened, count(), literals) if each]
        costs = [claimed_cost(each.record.response_cost) for each in plain]
        words = [words_of_caller(each.record, each.metadata) for each in plain]
        own = [
            _own(each.record, each.metadata, version)
            for each, (_, version) in zip(plain, words, strict=True)
        ]
        kinds = [_kind(each.record, each.metadata) for each in plain]
        usages = [known_usage(each.counted) for each in plain]
        said = map(self._said, plain, kinds, costs, own, words, usages)
        for each, what in zip(plain, said, strict=True):
            found[each.place] = what
        return found

    def _said(
        self,
        opened: _Opened,
        key: bytes,
        cost: Decimal | None,
        own: tuple[Any, ...],
        words: Words,
        raw_usage: str | None,
    ) -> Said | None:
        record, usage = opened.record, opened.usage
        ends = self._ends[key] if key in self._ends else self._ends_of(key, record, opened.metadata)
        if ends is None:
            return None
        # a hit may be told from others by its start alone
        started = started_at(record) if ends.cache_hit else EPOCH
        ran = was_run(record, usage, ends, cost)
        counts = logged_counts(usage, record, False) if ran else _NONE_COUNTED
        total = counts[2]
        if ran and not total:
            return None  # what they make is the total then
        if ends.cache_hit:
            raw_usage = logged_usage(record, usage, opened.counted, ends)
        return Said(
            (key, *opened.answer, opened.counted is None, ran, bool(total)),
            (
                *identity(record, opened.literal, ends, started).values(),
                *own,
                gateway_cost(cost, _SOME if total else NOTHING_BILLED),
                raw_usage,
                *words[0].landed(self._named),
                *counts,
            ),
        )

    def _ends_of(self, key: bytes, record: Record, metadata: Metadata) -> Outcome | None:
        call = text(record.call_type)
        plain = call not in READ_BACK and not counts_media(call)
        error = record.error_information or _NO_ERROR
        ends = self._ends[key] = outcome(record, metadata, error) if plain else None
        return ends


def _opened(place: int, literal: bytes) -> _Opened | None:
    if not literal.isascii():
        literal.decode()
    record = _RECORD.decode(literal)
    metadata = record.metadata
    if metadata is None or record.request_id is not ABSENT or bytes(record.started) == b"null":
        return None
    response = response_facts(record.response)
    counted = usage_literal(
        metadata.usage_object,
        metadata.additional_usage_values,
        record.usage,
        response.usage,
        response.usage_metadata,
    )
    usage = usage_of(counted)
    answer = _answer(response, usage)
    if answer is None:
        return None
    return _Opened(place, literal, record, metadata, counted, usage, answer)


def _own(record: Record, metadata: Metadata, version: str | None) -> tuple[Any, ...]:
    return (
        provider_request_id(record, record.error_information or _NO_ERROR),
        text(metadata.user_api_key_user_id),
        text(record.end_user) or text(metadata.user_api_key_end_user_id),
        version,
        *(bytes(record.started), bytes(record.ended), bytes(record.completion_started)),
    )


def _answer(response: Response, usage: Usage) -> tuple[Any, ...] | None:
    """What else than counts the answer says; None where it says more than most do."""
    details = usage.prompt_tokens_details
    if (
        response.output
        or usage.server_tool_use is not None
        or usage.output_image_count is not None
        or (details is not None and details.web_search_requests)
        or (usage.iterations is not NOTHING and bytes(usage.iterations).startswith(b"["))
    ):
        return None
    words = (
        *(response.model, response.service_tier, response.stop_reason),
        response.choices[0].finish_reason if response.choices else None,
        *(usage.service_tier, usage.speed, usage.inference_geo),
    )
    # one kind of value each: 1, 1.0 and true are equal
    if not WORDS.issuperset(map(type, words)):
        return None
    return (*words, bool(response.choices), details is None, usage.input_tokens_details is None)


def _kind(record: Record, metadata: Metadata) -> bytes:
    hidden, error = record.hidden_params, record.error_information
    headers = hidden.additional_headers if hidden else None
    provider = record.custom_llm_provider
    return _JSON.encode(
        (
            _OF_RECORD(record),
            () if provider is UNSET else (provider,),
            bool(text(record.error_str)),
            _OF_METADATA(metadata),
            hidden and _OF_HIDDEN(hidden),
            headers and _OF_HEADERS(headers),
            error and _OF_ERROR(error),
        )
    )
