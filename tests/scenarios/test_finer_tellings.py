"""Of one call that several logs tell, the telling that splits its usage finer prices it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from ingestion.workspace.settings import Workspace
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import OwnCompany, costs, line, log, write_company

MODEL: Final = "claude-sonnet-4-5-20250929"
SETTINGS: Final = """\
company: Finer
gateways:
  - {name: litellm, format: litellm, location: litellm}
  - {name: langfuse, format: langfuse, location: langfuse}
  - {name: spans, format: otel, location: spans}
bills:
  - {name: openai, format: openai, account: org-o, location: openai}
"""
SECONDS: Final = 1_791_115_200  # 2026-10-04T12:00:00Z
ANSWERED: Final = 40
METERS: Final = ("input", "cache_read", "cache_write_5m", "cache_write_1h")
COUNTS: Final = f"""
    select {", ".join(f"{meter}_quantity" for meter in METERS)}, cache_ttl_assumed, list_cost
    from fct_requests order by started_at
"""
# fresh, read and written for 5 minutes and for an hour, in dollars a million; what is answered
PRICES: Final = (3, Decimal("0.3"), Decimal("3.75"), 6)
OUT: Final = Decimal(15 * ANSWERED)
Make = Callable[..., OwnCompany]


@pytest.fixture
def make(compiled: Callable[[Workspace], CompiledProject], tmp_path: Path) -> Make:
    def made(**records: list[dict[str, Any]]) -> OwnCompany:
        files = {
            f"{name}/log.jsonl": log(records.get(name, []))
            for name in ("litellm", "langfuse", "spans")
        }
        page = {"openai/page.json": costs(line("2026-10-04", "gpt-4o, input", "5.00", 2_000_000))}
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        return OwnCompany(compiled, write_company(folder, files | page, SETTINGS))

    return made


def cost(*counts: int) -> Decimal:
    tokens = sum((count * Decimal(price) for count, price in zip(counts, PRICES, strict=True)), OUT)
    return tokens / 1_000_000


def of_litellm(n: int, fresh: int, read: int, written: int, **split: int) -> dict[str, Any]:
    """A line of its log: what was written is within the prompt, and split where `split` says."""
    usage: dict[str, Any] = {
        "prompt_tokens": fresh + read + written,
        "completion_tokens": ANSWERED,
        "total_tokens": fresh + read + written + ANSWERED,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written,
    }
    if split:
        usage["prompt_tokens_details"] = {
            "cached_tokens": read,
            "cache_creation_tokens": written,
            "cache_creation_token_details": split,
        }
    counts = ("prompt_tokens", "completion_tokens", "total_tokens")
    return {
        "id": f"msg_01{n:06}",
        "litellm_call_id": f"29331341-a9fa-49c3-9640-{n:012}",
        "call_type": "acompletion",
        "status": "success",
        "custom_llm_provider": "anthropic",
        "startTime": SECONDS + 60 * n,
        "endTime": SECONDS + 60 * n + 1.5,
        "model": MODEL,
        "metadata": {"user_api_key_hash": "b095adcc", "usage_object": usage},
        **{name: usage[name] for name in counts},
        "request_tags": ["feature:search"],
    }


def of_langfuse(n: int, **usage: int) -> dict[str, Any]:
    return {
        "id": f"{n + 1:016x}",
        "trace_id": f"{n + 1:032x}",
        "type": "GENERATION",
        "start_time": f"2026-10-04 12:{n:02}:00.100",
        "end_time": f"2026-10-04 12:{n:02}:01.400",
        "name": "answer",
        "level": "DEFAULT",
        "provided_model_name": MODEL,
        "usage_details": {name: str(count) for name, count in usage.items()},
    }


def of_spans(n: int, place: int, scope: str, **said: Any) -> dict[str, Any]:
    told: Mapping[str, Any] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.response.model": MODEL,
        "gen_ai.response.id": f"msg_01{n:06}",
        "gen_ai.usage.output_tokens": ANSWERED,
        **{name.replace("__", "."): value for name, value in said.items()},
    }
    start = (SECONDS + 60 * n) * 1_000_000_000
    span = {
        "traceId": f"{n + 1:032x}",
        "spanId": f"{place + 1:016x}",
        "name": "chat",
        "kind": 3,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + 1_000_000_000),
        "attributes": [
            {"key": key, "value": {"intValue" if isinstance(each, int) else "stringValue": each}}
            for key, each in told.items()
        ],
        "status": {},
    }
    return {"resourceSpans": [{"scopeSpans": [{"scope": {"name": scope}, "spans": [span]}]}]}


FIVE, HOUR = "ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"


@pytest.mark.parametrize("finer", ["litellm", "langfuse"])
def test_cache_writes_live_as_long_as_the_source_says_that_knows_it(make: Make, finer: str) -> None:
    """Whichever of the two stands; where both tell all of it as one the time is assumed."""
    split = {FIVE: 200, HOUR: 100} if finer == "litellm" else {}
    of_trace = {"input": 9, "output": ANSWERED, "input_cache_read": 700}
    writes = {"input_cache_creation": 300} | (
        {"input_cache_creation_5m": 200, "input_cache_creation_1h": 100} if not split else {}
    )
    company = make(
        litellm=[of_litellm(0, 9, 700, 300, **split), of_litellm(1, 9, 700, 300)],
        langfuse=[
            of_langfuse(0, **of_trace, **writes),
            of_langfuse(1, **of_trace, input_cache_creation=300),
        ],
    )
    assert company.query(COUNTS) == [
        (9, 700, 200, 100, False, cost(9, 700, 200, 100)),
        (9, 700, 300, 0, True, cost(9, 700, 300, 0)),
    ]
    assert company.query("select distinct source, observed_also_in from fct_requests") == [
        ("litellm", "langfuse")
    ]


def test_a_part_that_one_names_is_within_what_the_other_counts_in_one(make: Make) -> None:
    """Reads of the cache and the time of writes may come from two tellings; other totals say
    nothing of this usage, nor does a telling that lacks a part that stands."""
    company = make(
        litellm=[
            of_litellm(0, 1_000, 0, 0),
            of_litellm(1, 500, 0, 300),
            of_litellm(2, 100, 0, 300),
            of_litellm(3, 100, 50, 300),
        ],
        langfuse=[
            of_langfuse(1, input=100, input_cache_read=400, input_cache_creation=300, output=40),
        ],
        spans=[
            of_spans(
                0, 0, "app", gen_ai__usage__input_tokens=1_000,
                gen_ai__usage__cache_read__input_tokens=800,
            ),
            of_spans(
                1, 1, "app", gen_ai__usage__input_tokens=800,
                anthropic__usage__cache_creation__ephemeral_1h_input_tokens=300,
            ),
            of_spans(
                2, 2, "app", gen_ai__usage__input_tokens=401,
                anthropic__usage__cache_creation__ephemeral_1h_input_tokens=301,
            ),
            of_spans(
                3, 3, "app", gen_ai__usage__input_tokens=450,
                gen_ai__usage__cache_read__input_tokens=40,
                anthropic__usage__cache_creation__ephemeral_5m_input_tokens=310,
            ),
        ],
    )  # fmt: skip
    assert company.query(COUNTS) == [
        (200, 800, 0, 0, False, cost(200, 800, 0, 0)),
        (100, 400, 0, 300, False, cost(100, 400, 0, 300)),
        (100, 0, 300, 0, True, cost(100, 0, 300, 0)),
        (100, 50, 300, 0, True, cost(100, 50, 300, 0)),
    ]


@pytest.mark.parametrize("beside", [False, True])
def test_of_two_libraries_in_one_trace_the_one_that_splits_prices_the_call(
    make: Make, beside: bool
) -> None:
    """Two sinks of one source; where a gateway tells the call, too, its own count is split."""
    total = {"gen_ai__usage__input_tokens": 309}
    framework = of_spans(
        0, 0, "opentelemetry.instrumentation.anthropic", **total,
        gen_ai__usage__cache_creation__input_tokens=300,
    )  # fmt: skip
    client = of_spans(
        0, 1, "com.anthropic.sdk.python", **total,
        anthropic__usage__cache_creation__ephemeral_5m_input_tokens=100,
        anthropic__usage__cache_creation__ephemeral_1h_input_tokens=200,
    )  # fmt: skip
    company = make(spans=[framework, client], litellm=[of_litellm(0, 9, 0, 300)] if beside else [])
    assert company.query(COUNTS) == [(9, 0, 100, 200, False, cost(9, 0, 100, 200))]
    assert company.value("select count(*) from fct_requests") == 1


def test_searches_are_counted_by_the_telling_that_counts_them(make: Make) -> None:
    """Of the same tokens: most logs that count none know of none. What is counted stands."""
    tokens = {"input": 100, "output": ANSWERED}
    searched = [of_litellm(n, 100, 0, 0) for n in range(4)]
    searched[2]["metadata"]["usage_object"]["server_tool_use"] = {"web_search_requests": 1}
    company = make(
        litellm=searched,
        langfuse=[
            of_langfuse(0, **tokens, web_search_requests=2),
            of_langfuse(1, input=90, output=ANSWERED, web_search_requests=2),
            of_langfuse(2, **tokens, web_search_requests=2),
            of_langfuse(3, **tokens),
        ],
    )
    assert company.query(
        "select web_searches_quantity, observed_also_in from fct_requests"
        " where source = 'litellm' order by started_at"
    ) == [(2, "langfuse"), (0, None), (1, "langfuse"), (0, "langfuse")]
