"""agentgateway's request log as JSON lines (`logging.format: json`).

A line is written when its request has ended. What else agentgateway logs, and requests of MCP and
A2A, are foreign. Fields that `accessLog.add` makes are metadata under their own name; `columns`
gives them a meaning.
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
AGENTGATEWAY: Final = Dialect(
    key="agentgateway",
    names={
        "ended_at": ("time",),
        "latency_ms": ("duration",),
        "http_status": ("http.status",),
        "request_id": ("request.id", "span.id"),
        "provider_request_id": ("gen_ai.response.id",),
        "trace_id": ("trace.id",),
        "user_id": ("agentgateway.user", "jwt.sub"),
        "gateway_team": ("agentgateway.group",),
        "route": ("http.path",),
        "host": ("endpoint",),
        "provider": ("gen_ai.provider.name", "gen_ai.system", "llm.provider"),
        "operation": ("gen_ai.operation.name",),
        "retries": ("retry.attempt",),
        "stream": ("gen_ai.request.stream", "llm.streaming"),
        "gateway_cost": ("agw.ai.usage.cost.total",),
        # `llm.…` is releases before 0.9
        "model_requested": ("gen_ai.request.model", "llm.request.model"),
        "model_served": ("gen_ai.response.model", "llm.response.model"),
        "input_quantity": ("gen_ai.usage.input_tokens", "llm.request.tokens"),
        "output_quantity": ("gen_ai.usage.output_tokens", "llm.response.tokens"),
        "cache_read_quantity": ("gen_ai.usage.cache_read.input_tokens",),
        "cache_write_tokens": ("gen_ai.usage.cache_creation.input_tokens",),
        "reasoning_tokens": ("gen_ai.usage.reasoning_tokens",),
        "audio_input_quantity": ("gen_ai.usage.input_audio_tokens",),
        "audio_output_quantity": ("gen_ai.usage.output_audio_tokens",),
    },
    infrastructure=frozenset(
        (
            *("error", "grpc.status", "level", "protocol", "reason", "route_rule", "scope"),
            *("src.addr", "request.body", "response.body", "rq.headers.all"),
        )
    ),
    prefixes=("a2a.", "agw.", "gen_ai.", "http.", "inferencepool.", "llm.", "mcp.", "tls."),
    expected="no line of agentgateway's request log: expected `time` and `gen_ai.request.model`",
)


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return SEMANTICS


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each line. Raises SourceError for options that are none."""
    dialect = dialect_of(gateway, AGENTGATEWAY)

    def rows(literal: bytes, record_no: int) -> list[Row]:
        return flat_rows(record_of(literal), dialect, literal)

    collected = AccessLog(gateway.named, gateway.limits)
    return read_json_records(logged_text(data, gateway.limits), rows, collected)
