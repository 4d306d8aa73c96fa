"""What of a LiteLLM record other records say, too, as JSON.

It is all that `record.py` names, but for what a record says for itself: ids, times, counts, money,
who asked, and bodies.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

import msgspec
from msgspec import UNSET

from ingestion.gateways.litellm.record import (
    AdditionalHeaders,
    ErrorInformation,
    HiddenParams,
    Metadata,
    Record,
    Section,
    text,
)

_JSON: Final = msgspec.json.Encoder()


def _all_but(section: type[Section], *names: str) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*(name for name in section.__struct_fields__ if name not in names))


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


def kind_of(record: Record, metadata: Metadata) -> bytes:
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
