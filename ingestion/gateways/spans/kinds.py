"""What a span is: a call of a model, or something that calls were made in.

A span is told by its own kind or operation alone (decision 90): what else its trace holds may lie
in another object. Agents, chains and tools carry no usage of their own, whatever sums stand on
them. The few spans that repeat a call under a call's own name stand in REPEATING.
"""

from collections.abc import Mapping
from typing import Any, Final

from ingestion.gateways.spans.names import COUNTS, MODELS
from ingestion.gateways.spans.span import Span
from ingestion.gateways.spans.values import first_text

CALL: Final = "call"
AGENT: Final = "agent"
WORKFLOW: Final = "workflow"
STEP: Final = "step"
TOOL: Final = "tool"
RETRIEVAL: Final = "retrieval"
OTHER: Final = "other"

# Attribute -> its words in lower case -> what the span is; in this order, the first that is said.
KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    # OpenInference (Arize, Phoenix)
    "openinference.span.kind": {
        **dict.fromkeys(("llm", "embedding", "reranker"), CALL),
        "agent": AGENT,
        "tool": TOOL,
        "retriever": RETRIEVAL,
        **dict.fromkeys(("chain", "guardrail", "evaluator", "prompt"), STEP),
    },
    # Langfuse
    "langfuse.observation.type": {
        **dict.fromkeys(("generation", "embedding"), CALL),
        "agent": AGENT,
        "tool": TOOL,
        "retriever": RETRIEVAL,
        **dict.fromkeys(("chain", "guardrail", "evaluator", "span"), STEP),
        # what its traces export says of a whole trace
        "trace": WORKFLOW,
    },
    # LangSmith: its sums stand on chains and tools
    "langsmith.span.kind": {
        **dict.fromkeys(("llm", "embedding"), CALL),
        "tool": TOOL,
        "retriever": RETRIEVAL,
        **dict.fromkeys(("chain", "prompt", "parser"), STEP),
    },
    # Datadog
    "datadog.span.kind": {
        **dict.fromkeys(("llm", "embedding"), CALL),
        "agent": AGENT,
        "workflow": WORKFLOW,
        "tool": TOOL,
        "retrieval": RETRIEVAL,
        "task": STEP,
    },
    # Vercel's AI SDK: `ai.generateText` repeats the sum of its `ai.generateText.doGenerate`
    "ai.operationId": {
        **dict.fromkeys(
            (
                *("ai.generatetext.dogenerate", "ai.streamtext.dostream"),
                *("ai.generateobject.dogenerate", "ai.streamobject.dostream"),
                *("ai.embed.doembed", "ai.embedmany.doembed", "ai.rerank.dorerank"),
            ),
            CALL,
        ),
        "ai.toolcall": TOOL,
        **dict.fromkeys(
            (
                *("ai.generatetext", "ai.streamtext", "ai.generateobject", "ai.streamobject"),
                *("ai.embed", "ai.embedmany", "ai.rerank"),
            ),
            STEP,
        ),
    },
    # OpenLLMetry's decorators
    "traceloop.span.kind": {"workflow": WORKFLOW, "task": STEP, "agent": AGENT, "tool": TOOL},
    # GenAI semantic conventions
    "gen_ai.operation.name": {
        **dict.fromkeys(
            (
                *("chat", "text_completion", "generate_content", "embeddings", "responses"),
                *("completion", "messages", "rerank", "image_generation"),
            ),
            CALL,
        ),
        **dict.fromkeys(("invoke_agent", "create_agent"), AGENT),
        "invoke_workflow": WORKFLOW,
        "execute_tool": TOOL,
        "retrieval": RETRIEVAL,
        "plan": STEP,
    },
    # OpenLLMetry before it took the conventions' names
    "llm.request.type": dict.fromkeys(("chat", "completion", "embedding", "rerank"), CALL),
}
# (scope, name) of spans that say a call's kind and repeat the usage of their child.
REPEATING: Final = frozenset((("litellm", "litellm_proxy_request"),))
# Libraries whose spans are calls that another one's span may tell, too, around them or beside
# them: a client's own tracing, and frameworks that call an instrumented client.
DOUBLED: Final = (
    "com.anthropic.sdk.python",
    "opentelemetry.instrumentation.langchain",
    "opentelemetry.instrumentation.llamaindex",
    "openinference.instrumentation.langchain",
    "openinference.instrumentation.llama_index",
    # LangChain's own runs in LangSmith, around a client that LangSmith wraps
    *("langchain", "langchain-core", "langchain-js"),
)


def kind_of(span: Span) -> str:
    if (span.scope, span.name) in REPEATING:
        return STEP
    for attribute, words in KINDS.items():
        word = first_text(span.said, (attribute,))
        if word is not None:
            known = words.get(word.lower())
            # LiteLLM and others have words of their own for a call
            return known or (CALL if _counts_tokens(span.said) else OTHER)
    return CALL if _counts_tokens(span.said) and first_text(span.said, MODELS) else OTHER


def _counts_tokens(said: Mapping[str, Any]) -> bool:
    return any(name in said for side in ("input", "output") for name in COUNTS[side])
