"""A thousand calls that never were: what was used, by whom, of which model.

One call starts in each minute of a day, so that a log without any id of a call still shows which
one it tells.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Final
from zlib import crc32

CALLS: Final = 1_000
SEED: Final = 20261005
START: Final = datetime(2026, 10, 5, tzinfo=UTC)
REFUSED, UNTOLD, ANSWERED = "refused", "untold", "answered"


@dataclass(frozen=True, slots=True)
class Model:
    """`meters`: what its calls use beside input and output."""

    provider: str
    name: str
    meters: tuple[str, ...] = ()
    operation: str = "chat"
    tiers: tuple[str, ...] = ()


_CLAUDE: Final = ("cache_read", "cache_write_5m", "cache_write_1h")
MODELS: Final = (
    Model("openai", "gpt-4o-2024-08-06", ("cache_read",), tiers=("standard", "priority")),
    Model("openai", "o4-mini-2025-04-16", ("cache_read", "reasoning"), tiers=("standard", "flex")),
    Model("openai", "text-embedding-3-small", operation="embeddings"),
    Model("anthropic", "claude-sonnet-4-5-20250929", (*_CLAUDE, "web_searches")),
    Model("anthropic", "claude-haiku-4-5-20251001", _CLAUDE),
    Model("aws", "anthropic.claude-sonnet-4-5-20250929-v1:0", _CLAUDE),
    Model("aws", "amazon.titan-embed-text-v2:0", operation="embeddings"),
    Model("azure", "gpt-4o-2024-11-20", ("cache_read",)),
    Model("azure", "text-embedding-3-large", operation="embeddings"),
    Model("google", "gemini-2.5-pro", ("cache_read", "reasoning")),
    Model("openrouter", "openai/gpt-4.1", ("cache_read",)),
)


@dataclass(frozen=True, slots=True)
class Call:
    """`ending`: it was answered with its usage, refused, or a stream that never told its usage."""

    number: int
    started: datetime
    latency_ms: int
    model: Model
    ending: str
    call_id: str
    attempt: int
    stream: bool
    tier: str | None
    session: str
    user: str
    customer: str
    feature: str
    team: str
    counts: dict[str, int] = field(hash=False)

    @property
    def provider(self) -> str:
        return self.model.provider

    @property
    def ended(self) -> datetime:
        return self.started + timedelta(milliseconds=self.latency_ms)

    @property
    def trace(self) -> str:
        """Of its session's ten minutes."""
        return f"{0xABC000 + self.number // 10:032x}"

    @property
    def uuid(self) -> str:
        return f"7a1c0000-0000-4000-8000-{self.number:012x}"

    def own_id(self, software: str) -> str:
        """As some software calls it, and no other does."""
        return f"{crc32(software.encode()):08x}-0000-4000-8000-{self.number:012x}"

    def span_id(self, software: str) -> str:
        return f"{crc32(software.encode()):08x}{self.number:08x}"

    @property
    def response_id(self) -> str:
        """As its provider calls the answer."""
        if self.provider == "aws":
            return self.uuid
        prefix = {"anthropic": "msg_01", "google": "resp-", "openrouter": "gen-"}
        return f"{prefix.get(self.provider, 'chatcmpl-')}{self.number:010}abcdef"

    @property
    def http_status(self) -> int:
        return 429 if self.ending == REFUSED else 200

    def of(self, *meters: str) -> int:
        """Their sum; `reasoning` is a part of `output`."""
        return sum(self.counts.get(meter, 0) for meter in meters)

    @property
    def prompt(self) -> int:
        """All that was read, as OpenAI counts it."""
        return self.of("input", "cache_read", "cache_write_5m", "cache_write_1h")

    @property
    def writes(self) -> int:
        return self.of("cache_write_5m", "cache_write_1h")


@cache
def plan() -> tuple[Call, ...]:
    return tuple(_calls(Random(SEED)))


def _calls(random: Random) -> Iterator[Call]:
    again: Call | None = None
    for number in range(CALLS):
        again = _call(number, random, again if again and again.ending == REFUSED else None)
        yield again


def _call(number: int, random: Random, refused: Call | None) -> Call:
    """A refused call is tried once more by whoever made it, which is then answered."""
    model = refused.model if refused else random.choice(MODELS)
    stream = model.operation == "chat" and random.random() < 0.4
    ending = ANSWERED if refused else random.choices((ANSWERED, REFUSED), (14, 1))[0]
    if ending == ANSWERED and stream and random.random() < 0.1:
        ending = UNTOLD
    started = START + timedelta(minutes=number, milliseconds=random.randrange(1_000, 20_000))
    made = Call(
        number=number,
        started=started,
        latency_ms=random.randrange(200, 20_000),
        model=model,
        ending=ending,
        call_id=refused.call_id if refused else f"29331341-a9fa-49c3-9640-{number:012x}",
        attempt=2 if refused else 1,
        stream=stream,
        tier=random.choice(model.tiers) if model.tiers and ending == ANSWERED else None,
        session=f"session-{number // 7}",
        user=f"user-{number % 23}",
        customer=f"customer-{number % 41}",
        feature=random.choice(("search", "summary", "triage")),
        team=random.choice(("atlas", "borealis")),
        counts=_counts(model, random) if ending == ANSWERED else {},
    )
    callers = ("session", "user", "customer", "feature", "team")
    return replace(made, **{name: getattr(refused or made, name) for name in callers})


def _counts(model: Model, random: Random) -> dict[str, int]:
    if model.operation == "embeddings":
        return {"input": random.randrange(1, 3_000)}
    counts = {"input": random.randrange(50, 5_000), "output": random.randrange(2, 900)}
    for meter in model.meters:
        most = {"web_searches": 4, "reasoning": counts["output"]}.get(meter, 20_000)
        if random.random() < 0.6:
            counts[meter] = random.randrange(1, most)
    return counts
