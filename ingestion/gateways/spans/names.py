"""How the dialects of traces spell what a call says: field -> attributes, the first said stands.

GenAI semantic conventions as they are (`gen_ai.usage.input_tokens`) and were
(`gen_ai.usage.prompt_tokens`), OpenLLMetry (`gen_ai.usage.reasoning_tokens`, `traceloop.*`),
OpenInference (`llm.token_count.prompt`), Vercel's AI SDK (`ai.usage.inputTokens`), Pydantic AI
(`gen_ai.usage.details.*`), LiteLLM (`litellm.*`), and Anthropic's client (`anthropic.*`);
Langfuse's (`langfuse.*`) is put under these names by ./langfuse.py. A new dialect is a name more in
these rows; tests/ingestion/gateways/test_span_names.py has an example of each.
"""

from collections.abc import Mapping
from typing import Final

Names = tuple[str, ...]

# Of TokenCounts. Of several that are said the first that is not 0 stands.
COUNTS: Final[Mapping[str, Names]] = {
    "input": (
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.prompt_tokens",
        "llm.token_count.prompt",
        "llm.usage.prompt_tokens",
        "ai.usage.inputTokens",
        "ai.usage.promptTokens",
        "ai.usage.tokens",
    ),
    "output": (
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.completion_tokens",
        "llm.token_count.completion",
        "llm.usage.completion_tokens",
        "ai.usage.outputTokens",
        "ai.usage.completionTokens",
    ),
    "total": (
        "gen_ai.usage.total_tokens",
        "llm.token_count.total",
        "llm.usage.total_tokens",
        "ai.usage.totalTokens",
    ),
    "cache_read": (
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.input_tokens.cached",
        "gen_ai.usage.details.cache_read_tokens",
        "llm.token_count.prompt_details.cache_read",
        "ai.usage.inputTokenDetails.cacheReadTokens",
        "ai.usage.cachedInputTokens",
    ),
    "cache_write": (
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
        "gen_ai.usage.input_tokens.cache_write",
        "gen_ai.usage.details.cache_write_tokens",
        "llm.token_count.prompt_details.cache_write",
        "ai.usage.inputTokenDetails.cacheWriteTokens",
    ),
    "cache_write_5m": (
        "anthropic.usage.cache_creation.ephemeral_5m_input_tokens",
        "gen_ai.usage.details.ephemeral_5m_input_tokens",
    ),
    "cache_write_1h": (
        "anthropic.usage.cache_creation.ephemeral_1h_input_tokens",
        "gen_ai.usage.details.ephemeral_1h_input_tokens",
    ),
    "audio_input": ("gen_ai.usage.audio.input_tokens", "llm.token_count.prompt_details.audio"),
    "image_input": ("gen_ai.usage.image.input_tokens",),
    "audio_output": (
        "gen_ai.usage.audio.output_tokens",
        "llm.token_count.completion_details.audio",
    ),
    "image_output": ("gen_ai.usage.image.output_tokens",),
    "reasoning": (
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.reasoning_tokens",
        "gen_ai.usage.output_tokens.reasoning",
        "gen_ai.usage.details.reasoning_tokens",
        "gen_ai.usage.details.thinking_tokens",
        "llm.token_count.completion_details.reasoning",
        "ai.usage.outputTokenDetails.reasoningTokens",
        "ai.usage.reasoningTokens",
    ),
}
# Of those, cached ones, which are cache reads.
CACHED_AUDIO: Final[Names] = ("gen_ai.usage.audio.cache_read.input_tokens",)
CACHED_IMAGES: Final[Names] = ("gen_ai.usage.image.cache_read.input_tokens",)
# Anthropic's counts of its own tools: an object, or a name for each of its keys.
SERVER_TOOLS: Final[Names] = (
    "gen_ai.usage.server_tool_use",
    "anthropic.usage.server_tool_use",
    # OpenInference's Anthropic
    "metadata.server_tool_use",
)
SERVER_TOOL: Final[Mapping[str, Names]] = {
    "web_search_requests": (
        *(f"{place}.web_search_requests" for place in SERVER_TOOLS),
        "gen_ai.usage.details.web_search_requests",
    ),
    "code_execution_requests": (
        *(f"{place}.code_execution_requests" for place in SERVER_TOOLS),
        "gen_ai.usage.details.code_execution_requests",
    ),
}
# LiteLLM's callback for Phoenix: the usage object, which has Anthropic's in it.
USAGE_OBJECT: Final = "metadata.usage_object"
# The answer as the provider sent it (OpenInference).
ANSWER: Final = "output.value"
# Attributes that land in `raw_usage`.
USAGE: Final[Names] = (
    *("gen_ai.usage.", "llm.token_count.", "llm.usage.", "ai.usage.", "anthropic.usage."),
)

MODEL_REQUESTED: Final[Names] = (
    "litellm.model_group",
    "gen_ai.request.model",
    "llm.request.model_name",
    "ai.model.id",
)
MODEL_ROUTED: Final[Names] = (
    "litellm.provider.model",
    "llm.model_name",
    "embedding.model_name",
    "reranker.model_name",
)
MODEL_SERVED: Final[Names] = (
    "gen_ai.response.model",
    "llm.response.model_name",
    "ai.response.model",
)
MODELS: Final[Names] = (*MODEL_REQUESTED, *MODEL_ROUTED, *MODEL_SERVED)

# Of the contract's texts.
TEXTS: Final[Mapping[str, Names]] = {
    "session_id": (
        # LiteLLM's callback for Phoenix has the end user in `session.id`
        "litellm.trace_id",
        "session.id",
        "gen_ai.conversation.id",
        "traceloop.association.properties.session_id",
        "ai.telemetry.metadata.sessionId",
    ),
    "user_id": (
        "litellm.metadata.user_api_key_user_id",
        "metadata.user_api_key_user_id",
    ),
    "customer_id": (
        "litellm.metadata.user_api_key_end_user_id",
        "metadata.user_api_key_end_user_id",
        "enduser.id",
        "user.id",
        "gen_ai.user",
        "llm.user",
        "traceloop.association.properties.user_id",
        "ai.telemetry.metadata.userId",
    ),
    "gateway_key_id": ("litellm.api_key.hash", "metadata.user_api_key_hash"),
    "gateway_key_alias": (
        "litellm.metadata.user_api_key_alias",
        "metadata.user_api_key_alias",
        "litellm.key_alias",
    ),
    "gateway_team": ("litellm.team.id", "metadata.user_api_key_team_id", "litellm.team_id"),
    "gateway_team_alias": (
        "litellm.team.alias",
        "metadata.user_api_key_team_alias",
        "litellm.team_alias",
    ),
    "finish_reason": (
        "gen_ai.response.finish_reasons",
        "llm.finish_reason",
        "anthropic.message.stop_reason",
        "ai.response.finishReason",
    ),
    "response_format": ("gen_ai.output.type",),
    "prompt_version": ("langfuse.prompt",),
}
RESPONSE_ID: Final[Names] = ("gen_ai.response.id", "llm.response.id", "ai.response.id")
PROVIDER_REQUEST_ID: Final[Names] = (
    "anthropic.request.id",
    "openai.request.id",
    "aws.request_id",
)
CALL_ID: Final[Names] = ("litellm.call_id",)
PROVIDER: Final[Names] = ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system")
PROVIDER_OF_CLIENT: Final[Names] = ("ai.model.provider",)
HOST: Final[Names] = (
    "url.full",
    "server.address",
    "gen_ai.openai.api_base",
    "llm.openai.api_base",
)
REGION: Final[Names] = ("cloud.region", "aws.region", "gcp.vertex_ai.location")
TIER_SERVED: Final[Names] = (
    "openai.response.service_tier",
    "gen_ai.openai.response.service_tier",
    "anthropic.response.service_tier",
)
TIER_ASKED: Final[Names] = ("openai.request.service_tier", "gen_ai.openai.request.service_tier")
MAX_TOKENS: Final[Names] = ("gen_ai.request.max_tokens", "llm.request.max_tokens")
# Which try of its call it is, from 1.
ATTEMPT: Final[Names] = ("gen_ai.request.attempt",)
STREAM: Final[Names] = ("gen_ai.request.stream", "gen_ai.is_streaming", "llm.is_streaming")
FIRST_TOKEN_SECONDS: Final[Names] = (
    "gen_ai.response.time_to_first_chunk",
    "gen_ai.server.time_to_first_token",
)
FIRST_TOKEN_MS: Final[Names] = ("ai.response.msToFirstChunk",)
HTTP_STATUS: Final[Names] = (
    "http.response.status_code",
    "litellm.provider.error.code",
    "error.code",
)
CACHE_HIT: Final[Names] = ("litellm.cache_hit",)
# In dollars; an estimate by somebody's price list.
COST: Final[Names] = (
    "llm.cost.total",
    "litellm.cost.total",
    "gen_ai.cost.total_cost",
    "gen_ai.usage.cost",
    "operation.cost",
)

# Where a call stands in a run, of any span.
AGENT: Final[Names] = ("gen_ai.agent.name", "agent.name", "agent_name")
RUN: Final[Names] = ("gen_ai.agent.call.id", "gen_ai.workflow.run.id", "run.id")
WORKFLOW: Final[Names] = ("gen_ai.workflow.name", "traceloop.workflow.name")
STEP: Final[Names] = ("graph.node.id", "traceloop.entity.path")
TOOL: Final[Names] = ("gen_ai.tool.name", "tool.name", "ai.toolCall.name", "mcp.tool.name")
# The name of what the span itself is.
ENTITY: Final[Names] = ("traceloop.entity.name",)
