"""Rows of LiteLLM's Postgres table LiteLLM_SpendLogs, brought into the shape of its log objects.

`metadata` and `request_tags` are JSON texts in dumps of Prisma's input and in CSV, and objects in
exports of JSONB columns. requester_metadata is not in this table: of what the client sent, the
request body stands there where the proxy stores it (`proxy_server_request`).
"""

from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, field

from ingestion.gateways.litellm.record import NOTHING, Count, Metadata, Record, Section
from ingestion.reading.unreadable import Unreadable, misfit


class SpendLogsRow(Section):
    request_id: Any = None
    litellm_call_id: Any = None
    session_id: Any = None
    call_type: Any = None
    cache_hit: Any = None
    status: Any = None
    custom_llm_provider: Any = UNSET
    api_base: Any = None
    started: Raw = field(default=NOTHING, name="startTime")
    ended: Raw = field(default=NOTHING, name="endTime")
    completion_started: Raw = field(default=NOTHING, name="completionStartTime")
    model: Any = None
    model_group: Any = None
    model_id: Any = None
    api_key: Any = None
    user: Any = None
    team_id: Any = None
    end_user: Any = None
    metadata: Raw = NOTHING
    request_tags: Raw = NOTHING
    proxy_server_request: Raw = NOTHING
    response: Raw = NOTHING
    messages: Raw = NOTHING
    spend: Raw = NOTHING
    prompt_tokens: Count = None
    completion_tokens: Count = None
    total_tokens: Count = None


_ROW: Final = msgspec.json.Decoder(SpendLogsRow, strict=False)
_METADATA: Final = msgspec.json.Decoder(Metadata | None)
_TEXT: Final = msgspec.json.Decoder(str)
_ANY: Final = msgspec.json.Decoder(Any)


def spendlogs_record(literal: bytes) -> Record:
    """Raises msgspec.DecodeError or Unreadable for what is not such a row."""
    row = _ROW.decode(literal)
    metadata = _decoded(_METADATA, row.metadata, "metadata") or Metadata()
    metadata.user_api_key_hash = row.api_key or metadata.user_api_key
    metadata.user_api_key_team_id = row.team_id or metadata.user_api_key_team_id
    metadata.user_api_key_user_id = row.user or metadata.user_api_key_user_id
    return Record(
        id=row.request_id,
        litellm_call_id=row.litellm_call_id or metadata.litellm_call_id,
        trace_id=row.session_id,
        session_id=row.session_id,
        call_type=row.call_type,
        cache_hit=row.cache_hit,
        status=row.status,
        custom_llm_provider=row.custom_llm_provider,
        api_base=row.api_base,
        started=row.started,
        ended=row.ended,
        completion_started=row.completion_started,
        model=row.model,
        model_group=row.model_group,
        model_id=row.model_id,
        metadata=metadata,
        response_cost=row.spend,
        cost_breakdown=metadata.cost_breakdown,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        total_tokens=row.total_tokens,
        request_tags=_checked(row.request_tags, "request_tags"),
        proxy_server_request=row.proxy_server_request,
        end_user=row.end_user,
        response=Raw(_json(row.response)),
        messages=row.messages,
        error_information=metadata.error_information,
    )


def _checked(value: Raw, field: str) -> Raw:
    _decoded(_ANY, value, field)
    return Raw(_json(value))


def _decoded(decoder: msgspec.json.Decoder, value: Raw, field: str) -> Any:
    try:
        return decoder.decode(_json(value))
    except msgspec.ValidationError as error:
        raise misfit(error, field) from None
    except msgspec.DecodeError:
        raise Unreadable(field, "not JSON") from None


def _json(value: Raw) -> bytes:
    """The JSON that a column holds, whether as an object or as text."""
    literal = bytes(value)
    return _TEXT.decode(literal).encode() or b"null" if literal.startswith(b'"') else literal
