"""How many tokens a call uses, on which meters."""

from random import Random
from typing import Final

from simulation.company.catalog import Deployment, Feature
from simulation.traffic.attempt import Tokens
from simulation.traffic.trace_shapes import Traces

# Below every model's context limit, and below the 200k where some prices change.
MOST_INPUT: Final = 180_000
MOST_OUTPUT: Final = 16_000
OPENAI_CACHE_STEP: Final = 128
CACHED_WITHOUT_WRITES: Final = ("openai", "azure", "google")
SMALLEST_CACHED_PROMPT: Final = 1024
# What prompt caching does to an Anthropic call that uses it.
CACHE_HITS: Final = 0.72
ONE_HOUR_WRITES: Final = 0.3
REASONING_MODELS: Final = ("o4-mini", "gemini-2.5-pro")
REASONING_SHARE: Final = 0.65
REASONING_STEP: Final = 64


class TokenDraws:
    def __init__(self, rng: Random, traces: Traces) -> None:
        self._random = rng.random
        self._traces = traces

    def sizes(self, feature: Feature) -> tuple[int, int]:
        """(input, output) tokens of one call."""
        tokens_in, tokens_out = self._traces.tokens[feature.shape].draw()
        return (
            min(MOST_INPUT, 16 + int(tokens_in * feature.input_scale)),
            min(MOST_OUTPUT, 1 + int(tokens_out * feature.output_scale)),
        )

    def meters(
        self, cached_share: float, deployment: Deployment, tokens_in: int, tokens_out: int
    ) -> Tokens:
        """The prompt split over input, cache reads and cache writes."""
        if tokens_in < SMALLEST_CACHED_PROMPT or self._random() >= cached_share:
            return tokens_in, 0, 0, 0, tokens_out
        prefix = int(tokens_in * self._traces.shared_prefix.draw()) // 1000
        if deployment.provider in CACHED_WITHOUT_WRITES:
            cached = prefix // OPENAI_CACHE_STEP * OPENAI_CACHE_STEP
            return tokens_in - cached, cached, 0, 0, tokens_out
        rest = tokens_in - prefix
        fate = self._random()
        if fate < CACHE_HITS:
            return rest, prefix, 0, 0, tokens_out
        # of Bedrock's writes neither the log nor the bill says how long they last
        if fate < CACHE_HITS + (1 - CACHE_HITS) * ONE_HOUR_WRITES and deployment.cloud is None:
            return rest, 0, 0, prefix, tokens_out
        return rest, 0, prefix, 0, tokens_out

    def reasoning(self, deployment: Deployment, tokens_out: int) -> int:
        """Reasoning tokens, a part of the output tokens."""
        if deployment.model not in REASONING_MODELS:
            return 0
        return int(tokens_out * REASONING_SHARE) // REASONING_STEP * REASONING_STEP
