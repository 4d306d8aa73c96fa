"""Every form that a format of GATEWAYS has, and who writes it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.ingestion.gateways.tellings import clouds, generic, litellm, spans
from tests.ingestion.gateways.tellings.plan import Call


@dataclass(frozen=True)
class Form:
    """`of`: the provider whose calls alone the software sees; None where it sees all."""

    format: str
    write: Callable[[Sequence[Call]], bytes]
    file: str = "log.jsonl"
    of: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


FORMS: Final[Mapping[str, Form]] = {
    "litellm": Form("litellm", litellm.objects),
    "litellm CSV": Form("litellm", litellm.table_csv, "spendlogs.csv"),
    "litellm_db": Form("litellm_db", litellm.table_rows),
    "generic": Form("generic", generic.table, "log.csv", options=generic.OPTIONS),
    "generic Parquet": Form("generic", generic.parquet, "log.parquet", options=generic.OPTIONS),
    "otel": Form("otel", spans.lines),
    "otel protobuf": Form("otel", spans.protobuf, "traces.pb"),
    "bedrock_invocations": Form("bedrock_invocations", clouds.bedrock, of="aws"),
}
# Formats whose telling nobody has written yet: this list only gets shorter.
NOT_TOLD: Final = frozenset(
    (
        *("agentgateway", "azure_apim", "azure_diagnostics", "bifrost", "claude_code", "codex"),
        *("cloudflare", "datadog", "envoy", "helicone", "kong", "langfuse", "langsmith"),
        *("openrouter", "phoenix", "portkey", "vertex_logs"),
    )
)
