"""Envoy AI Gateway's access log: JSON lines of Envoy, with the names of its documentation.

Tokens are what `llmRequestCosts` puts into the metadata `io.envoy.ai_gateway`; the names of all
fields are the operator's, who gives others in `columns`. A line of no model is foreign.
"""

from typing import Final

from ingestion.gateways.access_logs.collecting import AccessLog, record_of
from ingestion.gateways.access_logs.fields import Dialect, dialect_of
from ingestion.gateways.access_logs.flat_row import flat_rows
from ingestion.gateways.access_logs.usage import SEMANTICS
from ingestion.reading.collecting import logged_text, read_json_records
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "1"
ENVOY: Final = Dialect(
    key="envoy",
    names={
        "started_at": ("start_time",),
        "latency_ms": ("duration",),
        "http_status": ("response_code",),
        "flags": ("response_flags",),
        "request_id": ("x-request-id",),
        "provider_request_id": ("gen_ai.response.id",),
        "route": ("x-envoy-origin-path", "x-envoy-original-path", "path"),
        "host": (":authority", "upstream_host"),
        "attempt_no": ("upstream_request_attempt_count",),
        "model_requested": ("gen_ai.request.model", "genai_model_name", "x-ai-eg-model"),
        "model_routed": (
            *("gen_ai.request.model_override", "genai_model_name_override"),
            "model_name_override",
        ),
        "model_served": ("gen_ai.response.model", "genai_response_model", "response_model"),
        # its name of a backend, which may be anybody's
        "deployment_id": ("gen_ai.provider.name", "genai_backend_name", "backend_name"),
        "input_quantity": (
            *("gen_ai.usage.input_tokens", "genai_tokens_input", "llm_input_token"),
        ),
        "output_quantity": (
            *("gen_ai.usage.output_tokens", "genai_tokens_output", "llm_output_token"),
        ),
        "total_tokens": ("gen_ai.usage.total_tokens", "genai_tokens_total", "llm_total_token"),
        "cache_read_quantity": (
            *("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cached_input_tokens"),
            *("genai_tokens_cached_input", "llm_cached_input_token"),
        ),
        "cache_write_tokens": (
            *("gen_ai.usage.cache_creation.input_tokens", "genai_tokens_cache_creation_input"),
            *("llm_cache_creation_input_token", "llm_cache_creation_token"),
        ),
        "reasoning_tokens": (
            *("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens"),
            *("genai_tokens_reasoning", "llm_reasoning_token"),
        ),
    },
    infrastructure=frozenset(
        (
            *("bytes_received", "bytes_sent", "connection_termination_details", "method"),
            *("downstream_local_address", "downstream_remote_address", "protocol"),
            *("requested_server_name", "response_code_details", "upstream_cluster"),
            *("upstream_local_address", "upstream_transport_failure_reason", "user-agent"),
            "upstream_hosts_attempted",
        )
    ),
    prefixes=("x-envoy-", "x-forwarded-"),
    expected="no line of Envoy's access log: expected `start_time` and the model's name",
)


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return SEMANTICS


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each line. Raises SourceError for options that are none."""
    dialect = dialect_of(gateway, ENVOY)

    def rows(literal: bytes, record_no: int) -> list[Row]:
        return flat_rows(record_of(literal), dialect, literal)

    collected = AccessLog(gateway.named, gateway.limits)
    return read_json_records(logged_text(data, gateway.limits), rows, collected)
