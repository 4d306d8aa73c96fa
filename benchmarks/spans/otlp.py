"""Traces of agents as a collector writes them: OTLP as JSON lines, zstd, many spans a line.

Of ten spans of a trace four call a model and say their texts; the others are the agent, its tools
and what these asked.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

import zstandard

SPANS_A_TRACE: Final = 10
CALLS_A_TRACE: Final = 4
SPANS_A_LINE: Final = 100
SPANS_AN_OBJECT: Final = 10_000
FIRST: Final = int(datetime(2026, 10, 5, tzinfo=UTC).timestamp()) * 10**9
SECOND: Final = 10**9
MODELS: Final = ("gpt-4o-mini", "gpt-4o", "claude-sonnet-4-5")
WORDS: Final = ("copper", "river", "harbor", "nectar", "amber", "quiet", "sky", "lantern")
RESOURCE: Final = {
    "service.name": "answers-api",
    "deployment.environment.name": "prod",
    "telemetry.sdk.name": "opentelemetry",
}


def write_spans(folder: Path, spans: int, seed: int = 1) -> int:
    """Objects of a day each hour of a month; the bytes that they hold."""
    folder.mkdir()
    random, held = Random(seed), 0
    for number in range(0, spans, SPANS_AN_OBJECT):
        count = min(SPANS_AN_OBJECT, spans - number)
        text = b"".join(_lines(random, number, count))
        held += len(text)
        name = f"{number // SPANS_AN_OBJECT:05d}.jsonl.zst"
        (folder / name).write_bytes(zstandard.compress(text))
    return held


def _lines(random: Random, first: int, count: int) -> Iterator[bytes]:
    for start in range(0, count, SPANS_A_LINE):
        spans = [
            span
            for trace in range(start, min(start + SPANS_A_LINE, count), SPANS_A_TRACE)
            for span in _trace(random, first + trace)
        ]
        scope = {"scope": {"name": "opentelemetry.instrumentation.genai"}, "spans": spans}
        line = {"resource": {"attributes": _attributes(RESOURCE)}, "scopeSpans": [scope]}
        yield json.dumps({"resourceSpans": [line]}).encode() + b"\n"


def _trace(random: Random, number: int) -> Iterator[dict[str, Any]]:
    trace, root = f"{random.getrandbits(128):032x}", f"{random.getrandbits(64):016x}"
    at = FIRST + number * SECOND // 5
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "helper"}
    yield _span(trace, root, None, "invoke_agent helper", at, agent)
    for place in range(1, SPANS_A_TRACE):
        own = f"{random.getrandbits(64):016x}"
        if place <= CALLS_A_TRACE:
            model = random.choice(MODELS)
            yield _span(
                trace, own, root, f"chat {model}", at + place * SECOND, _chat(random, model)
            )
        else:
            tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": f"tool_{place}"}
            yield _span(trace, own, root, "execute_tool", at + place * SECOND, tool)


def _chat(random: Random, model: str) -> dict[str, Any]:
    said = " ".join(random.choices(WORDS, k=60))
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic" if model.startswith("claude") else "openai",
        "gen_ai.request.model": model,
        "gen_ai.response.model": model,
        "gen_ai.response.id": f"chatcmpl-{random.getrandbits(96):024x}",
        "gen_ai.input.messages": f'[{{"role": "user", "parts": [{{"content": "{said}"}}]}}]',
        "gen_ai.output.messages": f'[{{"role": "assistant", "parts": [{{"content": "{said}"}}]}}]',
        "gen_ai.usage.input_tokens": random.randrange(100, 9000),
        "gen_ai.usage.output_tokens": random.randrange(1, 900),
        "traceloop.association.properties.team": f"team-{random.randrange(40)}",
        "traceloop.association.properties.feature": f"feature-{random.randrange(200)}",
    }


def _span(
    trace: str, own: str, around: str | None, name: str, at: int, said: dict[str, Any]
) -> dict[str, Any]:
    return {
        "traceId": trace,
        "spanId": own,
        **({"parentSpanId": around} if around else {}),
        "name": name,
        "kind": 3,
        "startTimeUnixNano": str(at),
        "endTimeUnixNano": str(at + SECOND // 2),
        "attributes": _attributes(said),
        "status": {},
    }


def _attributes(said: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": key, "value": {"intValue": str(v)} if isinstance(v, int) else {"stringValue": v}}
        for key, v in said.items()
    ]
