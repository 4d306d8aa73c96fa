"""What a LiteLLM record says for itself; all that is left of it other records say, too: its kind.

Ids, times, counts, claims and what the caller said are read by the rules of `row.py`, and taken
out of the record; the rest of it, as JSON, is the kind. Nothing that a rule reads is in neither.
"""

from typing import Any, Final

import msgspec

from ingestion.gateways.litellm.attributes import litellm_attributes, prompt_version
from ingestion.gateways.litellm.billed import gateway_cost, logged_usage, was_run
from ingestion.gateways.litellm.facts import provider_request_id, response_facts
from ingestion.gateways.litellm.outcome import READ_BACK, Outcome, outcome
from ingestion.gateways.litellm.pieces import counts_media
from ingestion.gateways.litellm.record import (
    ABSENT,
    NOTHING,
    ErrorInformation,
    Metadata,
    Record,
    Response,
    text,
)
from ingestion.gateways.litellm.row import identity, usage_of
from ingestion.gateways.litellm.usage import NOTHING_BILLED, token_meters
from ingestion.gateways.litellm.usage_object import Usage, usage_literal
from ingestion.gateways.litellm.values import claimed_cost, read_times
from ingestion.records import Row
from ingestion.vocabulary import TOKEN_METERS
from ingestion.workspace.named_places import NamedPlaces

NAMES: Final = (
    *("request_key", "request_id", "call_id", "trace_id", "session_id", "provider_request_id"),
    *("user_id", "customer_id", "prompt_version"),
)
METERS: Final = (
    *(f"{meter}_quantity" for meter in TOKEN_METERS),
    *("provider_total_tokens", "reasoning_tokens", "cache_ttl_assumed"),
)
_RECORD: Final = msgspec.json.Decoder(Record, strict=False)
_JSON: Final = msgspec.json.Encoder()
_NO_ERROR: Final = ErrorInformation()
_ZERO: Final[Row] = {name: NOTHING_BILLED[name] for name in METERS}

Kind = tuple[Any, ...]
# And the columns of the record that are its own
Said = tuple[Kind, Row]


class OwnValues:
    """Of the records of one object. `ends`: what became of the records of a kind, None of one that
    is read by the rules of one record alone."""

    def __init__(self, named: NamedPlaces) -> None:
        self._named = named
        self._ends: dict[bytes, Outcome | None] = {}

    def said(self, literal: bytes) -> Said | None:
        """None for a record that is not a plain log object; raises what its rules raise."""
        if not literal.isascii():
            literal.decode()
        record = _RECORD.decode(literal)
        metadata = record.metadata
        if metadata is None or record.request_id != ABSENT or bytes(record.started) == b"null":
            return None
        response = response_facts(record.response)
        counted = usage_literal(
            *(metadata.usage_object, metadata.additional_usage_values),
            *(record.usage, response.usage, response.usage_metadata),
        )
        usage = usage_of(counted)
        answer = _answer(response, usage)
        if answer is None:
            return None
        cost = claimed_cost(record.response_cost)
        own: Row = {
            **read_times(record),
            "provider_request_id": provider_request_id(
                record, record.error_information or _NO_ERROR
            ),
            "user_id": text(metadata.user_api_key_user_id),
            "customer_id": text(record.end_user) or text(metadata.user_api_key_end_user_id),
            "prompt_version": prompt_version(metadata),
        }
        evidence = litellm_attributes(record, metadata)
        own["attributes"], own["unnamed_attributes"] = evidence.landed(self._named)
        kept = _take_out(record, metadata)
        key = _JSON.encode(record)
        record.id, record.litellm_call_id, record.trace_id, record.session_id = kept[:4]
        record.prompt_tokens, record.completion_tokens, record.total_tokens = kept[4:]
        ends = self._ends_of(key, record, metadata)
        if ends is None:
            return None
        own |= identity(record, literal, ends, own["started_at"])
        own["raw_usage"] = logged_usage(record, usage, counted, ends)
        ran = was_run(record, usage, ends, cost)
        meters = token_meters(usage, record, False) if ran else _ZERO
        total = meters["provider_total_tokens"]
        if total is None:
            return None
        own |= meters
        own["gateway_cost"] = gateway_cost(cost, meters if cost else NOTHING_BILLED | meters)
        return (key, *answer, counted is None, ran, total > 0), own

    def _ends_of(self, key: bytes, record: Record, metadata: Metadata) -> Outcome | None:
        if key not in self._ends:
            call = text(record.call_type)
            plain = call not in READ_BACK and not counts_media(call)
            error = record.error_information or _NO_ERROR
            self._ends[key] = outcome(record, metadata, error) if plain else None
        return self._ends[key]


def _answer(response: Response, usage: Usage) -> tuple[Any, ...] | None:
    """What else than counts the answer says; None where it says more than most do."""
    details = usage.prompt_tokens_details
    if (
        response.output
        or usage.server_tool_use is not None
        or usage.output_image_count is not None
        or (details is not None and details.web_search_requests)
        or bytes(usage.iterations).startswith(b"[")
    ):
        return None
    words = (
        *(response.model, response.service_tier, response.stop_reason),
        response.choices[0].finish_reason if response.choices else None,
        *(usage.service_tier, usage.speed, usage.inference_geo),
    )
    # one kind of value each: 1, 1.0 and true are equal
    if not all(word is None or type(word) is str for word in words):
        return None
    return (*words, bool(response.choices), details is None, usage.input_tokens_details is None)


def _take_out(record: Record, metadata: Metadata) -> tuple[Any, ...]:
    """Takes out what the record says for itself. The ids and counts, which its identity needs."""
    kept = (
        *(record.id, record.litellm_call_id, record.trace_id, record.session_id),
        *(record.prompt_tokens, record.completion_tokens, record.total_tokens),
    )
    record.id = record.litellm_call_id = record.trace_id = record.session_id = None
    record.prompt_tokens = record.completion_tokens = record.total_tokens = None
    record.started = record.ended = record.completion_started = NOTHING
    record.response_cost = record.response = record.messages = record.usage = NOTHING
    record.request_tags = record.proxy_server_request = NOTHING
    record.end_user = None
    record.error_str = "failed" if text(record.error_str) else None
    metadata.user_api_key_user_id = metadata.user_api_key_end_user_id = None
    metadata.usage_object = metadata.additional_usage_values = NOTHING
    metadata.tags = metadata.proxy_server_request = metadata.requester_metadata = NOTHING
    metadata.requester_custom_headers = metadata.spend_logs_metadata = NOTHING
    metadata.user_api_key_auth_metadata = metadata.user_api_key_metadata = NOTHING
    metadata.user_api_key_team_metadata = NOTHING
    if record.hidden_params and (headers := record.hidden_params.additional_headers):
        headers.openai_request_id = headers.provider_request_id = None
        headers.request_id = headers.failed_request_id = None
    if record.error_information:
        record.error_information.error_provider_request_id = None
    return kept
