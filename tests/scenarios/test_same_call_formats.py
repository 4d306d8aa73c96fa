"""LiteLLM's log, Langfuse's export and OpenTelemetry of the same calls, read from files."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from ingestion.workspace.settings import Workspace
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import OwnCompany, costs, line, log, write_company

pytestmark = pytest.mark.whole

SETTINGS: Final = """\
company: Three tellings
gateways:
  - {name: litellm, format: litellm, location: litellm}
  - {name: langfuse, format: langfuse, location: langfuse}
  - {name: spans, format: otel, location: spans}
bills:
  - {name: openai, format: openai, account: org-o, location: openai}
"""
MODEL: Final = "gpt-4o-2024-08-06"
SOURCES: Final = ("litellm", "langfuse", "spans")
# the last hundred seconds are of the next day
START: Final = datetime(2026, 10, 5, 23, 45, tzinfo=UTC)
CALLS: Final = 1_000
TOTALS: Final = """
    select
        feature, team, count(*), sum(list_cost), sum(contracted_cost), sum(input_quantity),
        sum(output_quantity)
    from fct_requests group by all order by all
"""
Make = Callable[..., OwnCompany]


@pytest.fixture
def make(compiled: Callable[[Workspace], CompiledProject], tmp_path: Path) -> Make:
    def made(told: Collection[str], **records: list[dict[str, Any]]) -> OwnCompany:
        files = {
            f"{name}/log.jsonl": log(records[name] if name in told else []) for name in SOURCES
        }
        page = {"openai/page.json": costs(line("2026-10-05", f"{MODEL}, input", "5.00", 2_000_000))}
        folder = tmp_path / "-".join(told)
        return OwnCompany(compiled, write_company(folder, files | page, SETTINGS))

    return made


def owner(n: int) -> dict[str, str]:
    return {"feature": f"f{n % 3}", "team": f"team{n % 2}"}


def at(n: int, late: float = 0) -> datetime:
    return START + timedelta(seconds=n + late)


def of_litellm(n: int, **said: Any) -> dict[str, Any]:
    """A line of its log; it makes up a trace of each call."""
    tokens, output = 1_000 + n, 7
    usage = {"prompt_tokens": tokens, "completion_tokens": output, "total_tokens": tokens + output}
    made = {
        "id": f"chatcmpl-{n:06}",
        "litellm_call_id": f"29331341-a9fa-49c3-9640-{n:012}",
        "trace_id": f"c758770f-6ba2-4941-a7a4-{n:012}",
        "session_id": "",
        "call_type": "acompletion",
        "status": "success",
        "custom_llm_provider": "openai",
        "startTime": at(n).timestamp(),
        "endTime": at(n, 1.15).timestamp(),
        "model": MODEL,
        "model_group": "gpt-4o",
        "metadata": {"user_api_key_hash": "b095adcc", "usage_object": usage},
        "response_cost": 0.0025,
        **usage,
        "request_tags": [f"{name}:{value}" for name, value in owner(n).items()],
        "model_parameters": {},
        "hidden_params": {},
    }
    return made | said


def of_langfuse(n: int) -> dict[str, Any]:
    """An observation of the application's own, which knows no id of the gateway."""
    tokens = 1_000 + n
    return {
        "id": f"{n + 1:016x}",
        "trace_id": f"{n // 10 + 1:032x}",
        "type": "GENERATION",
        "start_time": f"{at(n, -0.1):%Y-%m-%d %H:%M:%S.%f}"[:-3],
        "end_time": f"{at(n, 1.2):%Y-%m-%d %H:%M:%S.%f}"[:-3],
        "name": "answer",
        "metadata": owner(n),
        "level": "DEFAULT",
        "provided_model_name": MODEL,
        "usage_details": {"input": str(tokens), "output": "7", "total": str(tokens + 7)},
    }


def of_spans(n: int, **said: Any) -> dict[str, Any]:
    """A line of a collector's file: one span of OpenTelemetry's conventions, in traces of ten."""
    told = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": MODEL,
        "gen_ai.response.id": f"chatcmpl-{n:06}",
        "gen_ai.usage.input_tokens": 1_000 + n,
        "gen_ai.usage.output_tokens": 7,
        **{f"traceloop.association.properties.{name}": each for name, each in owner(n).items()},
        **said,
    }
    span = {
        "traceId": f"{n // 10 + 0xABC000:032x}",
        "spanId": f"{n + 1:016x}",
        "name": "chat",
        "kind": 3,
        "startTimeUnixNano": str(_nanoseconds(at(n, -0.05))),
        "endTimeUnixNano": str(_nanoseconds(at(n, 1.18))),
        "attributes": [
            {
                "key": key,
                "value": {"intValue": str(each)}
                if isinstance(each, int)
                else {"stringValue": each},
            }
            for key, each in told.items()
        ],
        "status": {},
    }
    return {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "app"}, "spans": [span]}]}]}


def _nanoseconds(moment: datetime) -> int:
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1)) * 1_000


def test_each_alone_and_all_together_are_the_same_calls_owners_and_dollars(make: Make) -> None:
    records = {
        "litellm": [of_litellm(n) for n in range(CALLS)],
        "langfuse": [of_langfuse(n) for n in range(CALLS)],
        "spans": [of_spans(n) for n in range(CALLS)],
    }
    alone = [make([name], **records).query(TOTALS) for name in SOURCES]
    together = make(SOURCES, **records)
    assert [*alone[1:], together.query(TOTALS)] == 3 * [alone[0]]
    assert [(feature, team, count) for feature, team, count, *_ in alone[0]] == [
        (f"f{n}", f"team{m}", sum((k % 3, k % 2) == (n, m) for k in range(CALLS)))
        for n in range(3)
        for m in range(2)
    ]
    # the runs are the application's, not those that the gateway made up
    assert together.query(
        "select source, observed_also_in, count(*), count(distinct trace_id)"
        " from fct_requests group by all"
    ) == [("litellm", "langfuse;spans", CALLS, CALLS // 10)]


def test_a_span_of_a_record_with_inner_calls_is_the_record_and_none_of_them(make: Make) -> None:
    iterations = [
        {"type": "message", "input_tokens": 1_000, "output_tokens": 7},
        {
            "type": "advisor_message",
            "model": "claude-opus-4-6",
            "input_tokens": 50,
            "output_tokens": 5,
        },
    ]
    usage = {
        "prompt_tokens": 1_000,
        "completion_tokens": 7,
        "total_tokens": 1_007,
        "iterations": iterations,
    }
    said = {
        "custom_llm_provider": "anthropic",
        "model": "claude-sonnet-4-6",
        "request_tags": [],
        "metadata": {"user_api_key_hash": "b095adcc", "usage_object": usage},
    }
    span = {"gen_ai.provider.name": "anthropic", "gen_ai.request.model": "claude-sonnet-4-6"}
    records = {
        "litellm": [of_litellm(0, **said)],
        "langfuse": [],
        "spans": [of_spans(0, **span, **{"gen_ai.response.model": "claude-sonnet-4-6"})],
    }
    money = "select model, input_quantity, output_quantity, list_cost from fct_requests order by 1"
    alone, together = make(["litellm"], **records), make(SOURCES, **records)
    assert len(together.query(money)) == 2
    assert together.query(money) == alone.query(money)
    # the caller of the inner call is that of the record
    assert together.query(
        "select source, observed_also_in, feature, trace_id = lpad('abc000', 32, '0'), count(*)"
        " from fct_requests group by all"
    ) == [("litellm", "spans", "f0", True, 2)]
