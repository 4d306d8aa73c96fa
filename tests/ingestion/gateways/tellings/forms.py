"""Every form that a format of GATEWAYS has, and who writes it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.ingestion.gateways.tellings import (
    agents,
    clouds,
    generic,
    litellm,
    proxies,
    spans,
    stores,
    traces,
)
from tests.ingestion.gateways.tellings.plan import Call


@dataclass(frozen=True)
class Form:
    """`of`: the provider whose calls alone the software sees, `chat` where it makes no others; None
    where it sees all. `objects`: which calls lie in one object.
    """

    format: str
    write: Callable[[Sequence[Call]], bytes]
    file: str = "log.jsonl"
    of: str | None = None
    chat: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    objects: Callable[[Sequence[Call]], Sequence[Sequence[Call]]] = lambda calls: [calls]

    def sees(self, call: Call) -> bool:
        is_chat = call.model.operation == "chat"
        return self.of in (None, call.provider) and (is_chat or not self.chat)


FORMS: Final[Mapping[str, Form]] = {
    "litellm": Form("litellm", litellm.objects),
    "litellm CSV": Form("litellm", litellm.table_csv, "spendlogs.csv"),
    "litellm_db": Form("litellm_db", litellm.table_rows),
    "generic": Form("generic", generic.table, "log.csv", options=generic.OPTIONS),
    "generic Parquet": Form("generic", generic.parquet, "log.parquet", options=generic.OPTIONS),
    "otel": Form("otel", spans.lines),
    "otel protobuf": Form("otel", spans.protobuf, "traces.pb"),
    "otel of OpenLLMetry": Form("otel", spans.openllmetry),
    "otel of OpenInference": Form("otel", spans.openinference),
    "phoenix": Form("phoenix", traces.phoenix, "spans.json"),
    "langfuse": Form("langfuse", traces.langfuse),
    "langfuse CSV": Form("langfuse", traces.langfuse_csv, "observations.csv"),
    "langfuse Parquet": Form("langfuse", traces.langfuse_parquet, "observations.parquet"),
    "langsmith": Form("langsmith", traces.langsmith, "runs.jsonl"),
    "langsmith Parquet": Form("langsmith", traces.langsmith_parquet, "runs.parquet"),
    "datadog": Form("datadog", traces.datadog, "spans.json"),
    "helicone": Form("helicone", stores.helicone),
    "helicone rows": Form("helicone", stores.helicone_rows),
    "portkey": Form("portkey", stores.portkey),
    "bifrost": Form("bifrost", stores.bifrost),
    "cloudflare": Form("cloudflare", proxies.cloudflare, "logs.json"),
    "kong": Form("kong", proxies.kong),
    "envoy": Form("envoy", proxies.envoy, options=proxies.ENVOY_OPTIONS),
    "agentgateway": Form(
        "agentgateway", proxies.agentgateway, options=proxies.AGENTGATEWAY_OPTIONS
    ),
    "openrouter": Form("openrouter", stores.openrouter, of="openrouter"),
    "bedrock_invocations": Form("bedrock_invocations", clouds.bedrock, of="aws"),
    "azure_apim": Form("azure_apim", clouds.azure_apim, of="azure"),
    "azure_diagnostics": Form("azure_diagnostics", clouds.azure_diagnostics, of="azure"),
    "vertex_logs": Form("vertex_logs", clouds.vertex, of="google"),
    "claude_code": Form("claude_code", agents.claude_events, of="anthropic"),
    "claude_code transcripts": Form(
        "claude_code", agents.claude_transcript, "session.jsonl", of="anthropic"
    ),
    "codex": Form("codex", agents.codex_events, of="openai", chat=True),
    "codex rollouts": Form(
        *("codex", agents.codex_rollout, "rollout-1.jsonl"),
        of="openai",
        chat=True,
        objects=agents.by_session,
    ),
}
