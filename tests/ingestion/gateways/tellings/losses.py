"""What each form of a log cannot say: what tests expect of it, and the table in docs/sources.md.

A loss that is none, because the form could say it, is a fault of the reader.
"""

from collections.abc import Mapping
from itertools import groupby
from typing import Final

from tests.ingestion.gateways.tellings import loss
from tests.ingestion.gateways.tellings.forms import FORMS
from tests.ingestion.gateways.tellings.loss import Loss
from tests.ingestion.gateways.tellings.plan import ANSWERED, REFUSED, Call

BEGIN: Final = "| the same calls as | their log says nothing of |\n|---|---|\n"
Losses = Mapping[str, Loss]


def _of(why: str, *facts: str) -> Losses:
    return {fact: Loss(why) for fact in facts}


def _converses(call: Call) -> bool:
    return call.ending == ANSWERED and call.model.operation == "chat"


def _has_an_id(call: Call) -> bool:
    """An answer's id in its body, which the client's own object has."""
    return call.model.operation == "chat" and call.provider not in ("aws", "google")


_UNSPLIT: Final = Loss("one count of writes", "cache_write_5m")
_STREAMS: Final = Loss("only of streams", lands=loss.only("stream", lambda call: call.stream))
_FIRST: Final = Loss("each try is a first one", lands=loss.always("attempt", 1))
_TRIES: Final = _of("each try is a call of its own", "call", "attempt")
_USER: Final = _of("`user.id` is the customer", "user")
_ASKED: Final = Loss("only the one that was asked for", lands=loss.asked_alone)
_GUESS: Final = Loss(
    "a stream that does not tell it: LiteLLM's own guess, which is marked where the provider's"
    " counts would have details (`tokens_estimated`)",
    lands=loss.guessed,
)
_TABLE: Final = {
    **_of("no column", "stream"),
    **_of("it stands in the answer, which the table has where the proxy stores it", "tier"),
    "usage": _GUESS,
}
_SPANS: Final = {"cache_write_1h": _UNSPLIT, **_USER}
_OWN_LOG: Final = {
    "user": Loss("`user_id` is the customer, who stands for the user", lands=loss.the_customer),
    "usage": Loss(
        "a stream that does not tell it: a line without counts is quarantined",
        lands=loss.quarantined,
    ),
}
_OPENLLMETRY: Final = _SPANS | _TRIES | _of("no attribute", "web_searches")
_OPENINFERENCE: Final = {
    **_SPANS,
    **_TRIES,
    "stream": _STREAMS,
    "response": Loss(
        "it stands in the answer, not in that of embeddings, Bedrock and Gemini",
        lands=loss.only("response", _has_an_id),
    ),
}
_LANGFUSE: Final = {
    **_TRIES,
    **_of("no field, but metadata", "response"),
    "provider": Loss("no field: by the model's name", lands=loss.by_its_model),
    "tier": _ASKED,
    **_of("`user_id` is the customer", "user"),
}
_LANGSMITH: Final = {**_TRIES, **_of("`user_id` is the customer", "user")}
_HELICONE: Final = {
    "cache_write_1h": _UNSPLIT,
    "stream": Loss(
        "only of streams that began",
        lands=loss.only("stream", lambda call: call.stream and call.ending != REFUSED),
    ),
    **_TRIES,
    **_of("it stands in the answer, which was not exported", "response", "tier", "web_searches"),
    **_of("`Helicone-User-Id` is the customer", "user"),
}
_AGENT: Final = _of("no field", "customer")
_TRANSCRIPT: Final = {
    **_AGENT,
    **_of("no field", "user", "feature", "team"),
    "started": Loss("when it had ended", lands=loss.at_its_end),
    **_of("no field", "latency"),
}
_CODEX: Final = {
    "operation": Loss("Codex asks the Responses API", lands=loss.always("operation", "responses")),
    "stream": Loss("Codex streams every call", lands=loss.always("stream", True)),
    **_of("no field", "call", "tier"),
}
LOSSES: Final[Mapping[str, Losses]] = {
    "litellm": {"usage": _GUESS},
    "litellm CSV": _TABLE,
    "litellm_db": _TABLE,
    "generic": _OWN_LOG,
    "generic Parquet": _OWN_LOG,
    "otel": _SPANS,
    "otel protobuf": _SPANS,
    "otel of OpenLLMetry": _OPENLLMETRY,
    "otel of OpenInference": _OPENINFERENCE,
    "phoenix": _OPENINFERENCE,
    "langfuse": _LANGFUSE,
    "langfuse CSV": _LANGFUSE,
    "langfuse Parquet": _LANGFUSE,
    "langsmith": _LANGSMITH,
    "langsmith Parquet": _LANGSMITH,
    "datadog": {
        "cache_write_1h": _UNSPLIT,
        **_TRIES,
        **_of("no field", "response", "http", "tier", "web_searches"),
        **_of("the tag `user_id` is the customer", "user"),
    },
    "helicone": _HELICONE,
    "helicone rows": _HELICONE,
    "portkey": {
        "cache_write_1h": Loss(
            "one count of writes in Bedrock's answers, as Portkey passes them on",
            lands=lambda facts, call: loss.expected(
                facts, call, {"cache_write_1h": _UNSPLIT} if call.provider == "aws" else {}
            ),
        ),
        "stream": _STREAMS,
        **_TRIES,
        "response": Loss(
            "Portkey makes one up for Bedrock's and Gemini's answers",
            lands=loss.only("response", lambda call: call.provider not in ("aws", "google")),
        ),
        **_of("no field, but metadata", "session"),
        **_of("`_user` is the customer", "user"),
    },
    "bifrost": {
        "attempt": _FIRST,
        **_of("no field", "call", "response"),
        "tier": _ASKED,
    },
    "cloudflare": {
        "cache_read": Loss(
            "counts as input of answers whose own count contains it; of Anthropic's and Bedrock's"
            " nobody counts it",
            lands=loss.cached_within,
        ),
        **_of("no field", "cache_write_5m", "cache_write_1h", "reasoning", "web_searches"),
        "attempt": _FIRST,
        **_of("no field", "call", "response", "tier"),
        **_of("no field, but metadata", "session", "user", "customer"),
    },
    "kong": {
        "cache_write_5m": Loss("no field", "input"),
        "cache_write_1h": Loss("no field", "input"),
        **_of("no field", "web_searches"),
        "attempt": _FIRST,
        **_of("no field", "call", "response", "tier"),
        **_of("no field, but headers", "session", "customer"),
    },
    "envoy": {
        "cache_write_1h": _UNSPLIT,
        **_of("no field", "web_searches", "stream", "call", "attempt", "response", "tier"),
    },
    "agentgateway": {
        "cache_write_1h": _UNSPLIT,
        **_of("no field", "web_searches", "call", "attempt", "tier"),
    },
    "openrouter": _of("no field", "attempt", "user", "feature", "team"),
    "bedrock_invocations": {
        "started": Loss("whole seconds", lands=loss.in_seconds),
        "latency": Loss(
            "only answers of Converse, and of streams, tell it",
            lands=loss.only("latency", _converses),
        ),
        **_TRIES,
        **_of("no field, but `requestMetadata`", "session", "customer"),
    },
    "azure_apim": {**_TRIES, **_of("no field, but headers", "session", "customer")},
    "azure_diagnostics": {
        "usage": Loss("no count of any call that ran", lands=loss.uncounted),
        **_TRIES,
        **_of("no field", "response", "session", "customer", "feature", "team"),
    },
    "vertex_logs": {**_TRIES, **_of("no field, but labels", "session", "user", "customer")},
    "claude_code": {
        "cache_write_1h": _UNSPLIT,
        **_of("no field", "web_searches", "stream", "call", "response"),
        **_AGENT,
    },
    "claude_code transcripts": {
        **_TRANSCRIPT,
        **_of("no field", "stream", "call"),
        "attempt": Loss(
            "only of what was refused",
            lands=loss.only("attempt", lambda call: call.ending == REFUSED),
        ),
        "model": Loss(
            "not of what was refused",
            lands=loss.only("model", lambda call: call.ending != REFUSED),
        ),
        "provider": Loss(
            "not of what was refused",
            lands=loss.only("provider", lambda call: call.ending != REFUSED),
        ),
    },
    "codex": {
        **_AGENT,
        **_CODEX,
        "started": Loss("of an answer when it had ended", lands=loss.answers_at_their_end),
        "latency": Loss(
            "only of what was refused",
            lands=loss.only("latency", lambda call: call.ending == REFUSED),
        ),
        "attempt": Loss(
            "only of what was refused",
            lands=loss.only("attempt", lambda call: call.ending == REFUSED),
        ),
        **_of("no field", "response"),
    },
    "codex rollouts": {
        "usage": Loss("only of answers: calls without counts are not there", lands=loss.absent),
        **_TRANSCRIPT,
        **_CODEX,
        **_of("no field", "attempt"),
    },
}


def table() -> str:
    return BEGIN + "".join(_line(form) for form in FORMS)


def _line(name: str) -> str:
    form = FORMS[name]
    others = "other calls than"
    seen = f"{others} {'chat of ' if form.chat else ''}{form.of}"
    told = groupby(LOSSES[name].items(), key=lambda lost: (lost[1].counted_as, lost[1].why))
    words = [_told([fact for fact, _ in facts], *kind) for kind, facts in told]
    return f"| `{name}` | {'; '.join([*([seen] if form.of else []), *words])} |\n"


def _told(facts: list[str], counted_as: str | None, why: str) -> str:
    counted = f", counted as {counted_as}" if counted_as else ""
    return f"{', '.join(facts)}{counted} ({why})"
