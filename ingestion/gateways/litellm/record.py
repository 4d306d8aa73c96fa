"""What is read of LiteLLM's StandardLoggingPayload, releases 1.55 to 1.106; the rest is skipped.

Texts are `Any`, because releases differ in what they write for "none" and an odd alias must not
cost the row; counts are strict, because money hangs on them. Numbers that must stay exact, and
parts of which little is needed, stay raw.
"""

from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, Raw, Struct, field

from ingestion.reading.exact_numbers import LONGEST, MOST
from ingestion.reading.usage.server_tools import OutputItem

Count = Annotated[int, Meta(ge=0, le=MOST)] | None
NOTHING: Final = Raw(b"null")
ABSENT: Final = Raw(b"")


class Section(Struct, gc=False, omit_defaults=True):
    """A part of a record: keys that it does not name are skipped unread.

    Written again, as a kind of records is, it has what is not the default.
    """


class CostBreakdown(Section):
    vertex_location: Any = None
    service_tier: Any = None


class ErrorInformation(Section):
    error_code: Any = None
    error_class: Any = None
    error_provider_request_id: Any = None


class AdditionalHeaders(Section):
    openai_request_id: Any = field(default=None, name="llm_provider-x-request-id")
    provider_request_id: Any = field(default=None, name="llm_provider-request-id")
    request_id: Any = field(default=None, name="request-id")
    failed_request_id: Any = field(default=None, name="x-request-id")
    retries: Any = field(default=None, name="x-litellm-attempted-retries")
    fallbacks: Any = field(default=None, name="x-litellm-attempted-fallbacks")


class HiddenParams(Section):
    api_base: Any = None
    additional_headers: AdditionalHeaders | None = None
    batch_models: Any = None
    litellm_model_name: Any = None
    audio_transcription_duration: Any = None


class ModelParameters(Section):
    stream: Any = None
    n: Any = None
    max_tokens: Any = None
    max_completion_tokens: Any = None
    max_output_tokens: Any = None
    speed: Any = None
    service_tier: Any = None
    response_format: Raw = NOTHING


class Metadata(Section):
    """Of both sinks: S3 has requester_metadata, SpendLogs has what LiteLLM attempted."""

    user_api_key_hash: Any = None
    user_api_key_alias: Any = None
    user_api_key_team_id: Any = None
    user_api_key_user_id: Any = None
    user_api_key_team_alias: Any = None
    user_api_key_end_user_id: Any = None
    user_api_key_request_route: Any = None
    spend_logs_metadata: Raw = NOTHING
    requester_metadata: Raw = NOTHING
    usage_object: Raw = NOTHING
    requester_custom_headers: Raw = NOTHING
    user_api_key_auth_metadata: Raw = NOTHING
    user_api_key_metadata: Raw = NOTHING
    user_api_key_team_metadata: Raw = NOTHING
    proxy_server_request: Raw = NOTHING
    tags: Raw = NOTHING
    # SpendLogs only
    model_map_information: Raw = NOTHING
    user_api_key: Any = None
    litellm_call_id: Any = None
    additional_usage_values: Raw = NOTHING
    cost_breakdown: CostBreakdown | None = None
    error_information: ErrorInformation | None = None
    status: Any = None
    attempted_retries: Any = None
    attempted_fallbacks: Any = None
    original_model_group: Any = None
    batch_models: Any = None


class Record(Section):
    """One attempt as LiteLLM logged it. Fields stand as they do in its log: a decoder looks for
    each where the one before it stood.
    """

    id: Any = None
    litellm_call_id: Any = None
    trace_id: Any = None
    session_id: Any = None
    call_type: Any = None
    cache_hit: Any = None
    stream: Any = None
    status: Any = None
    custom_llm_provider: Any = UNSET  # as in releases that do not write it
    started: Raw = field(default=NOTHING, name="startTime")
    ended: Raw = field(default=NOTHING, name="endTime")
    completion_started: Raw = field(default=NOTHING, name="completionStartTime")
    model: Any = None
    metadata: Metadata | None = None
    response_cost: Raw = NOTHING
    cost_breakdown: CostBreakdown | None = None
    total_tokens: Count = None
    prompt_tokens: Count = None
    completion_tokens: Count = None
    request_tags: Raw = NOTHING
    end_user: Any = None
    api_base: Any = None
    model_group: Any = None
    model_id: Any = None
    messages: Raw = NOTHING
    response: Raw = NOTHING
    model_parameters: ModelParameters | None = None
    hidden_params: HiddenParams | None = None
    model_map_information: Raw = NOTHING
    error_str: Any = None
    error_information: ErrorInformation | None = None
    usage: Raw = NOTHING
    proxy_server_request: Raw = NOTHING
    request_id: Raw = ABSENT  # of SpendLogs


class Choice(Section):
    finish_reason: Any = None


class Response(Section):
    """Facts about a response body; its text is never decoded."""

    model: Any = None
    service_tier: Any = None
    stop_reason: Any = None
    choices: list[Choice] | None = None
    output: list[OutputItem] | None = None
    usage: Raw = NOTHING
    usage_metadata: Raw = field(default=NOTHING, name="usageMetadata")


def text(value: Any) -> str | None:
    """A name or id; None for what LiteLLM writes instead of one."""
    if value is None:
        return None
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**LONGEST:
        return str(value)
    return None


def whole(value: Any) -> int | None:
    """A small count that some releases write as text; None where it is not one."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 16:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST:
        return value
    return None
