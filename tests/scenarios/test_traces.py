"""Traces of real tools through the whole pipeline: a call that two libraries tell is one."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ingestion.workspace.settings import Workspace
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, OwnCompany, write_company

TRACES = Path(__file__).parents[1] / "ingestion" / "gateways" / "fixtures" / "traces"
SETTINGS = """\
company: Traces
gateways:
  - {name: traces, format: otel, location: logs}
"""


def spans(tool: str) -> str:
    return gzip.decompress((TRACES / tool / "spans.otlp.jsonl.gz").read_bytes()).decode()


@pytest.mark.parametrize(
    ("tool", "calls", "spans_of_calls"),
    [
        ("openllmetry-0.62.4", 39, 52),
        ("openinference-0.1.72", 44, 57),
        ("otel-genai-1.3b0", 39, 52),
        ("pydantic-ai-2.68.0", 29, 40),
        ("langfuse-sdk-5.0.4", 39, 52),
        ("litellm-1.110.2-callback-phoenix", 48, 48),
    ],
)
def test_each_call_is_one_request(
    tool: str, calls: int, spans_of_calls: int, project: CompiledProject, tmp_path: Path
) -> None:
    company = Company(
        project, write_company(tmp_path, {"logs/2026-11-28.jsonl": spans(tool)}, SETTINGS)
    )
    expected = json.loads((TRACES / tool / "expected.json").read_text())["requests"]
    assert company.value("select count(*) from landing.requests") == spans_of_calls
    assert company.value("select count(*) from fct_requests") == calls
    read = sum(
        sum(
            tokens
            for meter, tokens in each["meters"].items()
            if meter not in ("output", "reasoning")
        )
        for each in expected
        if each["kind"] not in ("stream_nousage", "response_cache_hit")
    )
    told = company.value(
        "select sum(input_quantity + cache_read_quantity + cache_write_5m_quantity"
        " + cache_write_1h_quantity) from fct_requests"
    )
    # LiteLLM guesses 30 for a stream without usage, and its hit of a cache looks like a call
    guessed = 30 + 2639 if tool.startswith("litellm") else 0
    assert told == read + guessed


def test_the_same_spans_in_two_files_are_the_same_requests(
    project: CompiledProject, tmp_path: Path
) -> None:
    """A collector that retries writes spans again, and one batch may end within a trace."""
    lines = spans("otel-genai-1.3b0").splitlines()
    files = {
        "logs/a.jsonl": "\n".join(lines),
        "logs/b.jsonl": "\n".join(lines[::-1]),
        **{f"logs/c{number}.jsonl": each for number, each in enumerate(lines[:5])},
    }
    company = Company(project, write_company(tmp_path, files, SETTINGS))
    assert company.value("select count(*) from fct_requests") == 39


def test_where_each_span_stands_is_landed(project: CompiledProject, tmp_path: Path) -> None:
    """An agent of OpenLLMetry: its calls lie below it, over whatever lies between."""
    files = {"logs/2026-11-28.jsonl": spans("openllmetry-0.62.4")}
    company = Company(project, write_company(tmp_path, files, SETTINGS))
    [(agents, calls)] = company.query(
        """
        with recursive context as (
            select
                join_value,
                attributes ->> '$.parent' as parent,
                attributes ->> '$.kind' as kind,
                attributes ->> '$.agent' as agent
            from landing.request_context
        ),
        below as (
            select join_value, agent from context where kind = 'agent'
            union
            select context.join_value, below.agent
            from context inner join below on context.parent = below.join_value
        )
        select string_agg(distinct below.agent), count(distinct requests.request_id)
        from below
        inner join landing.requests as requests
            on requests.request_key = 'span:' || below.join_value
        """
    )
    assert (agents, calls) == ("researcher", 3)


def test_what_a_trace_of_langfuse_says_stands_on_its_calls(
    compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    """Its export has user, session and tags on traces alone, in files of their own."""
    exported = TRACES.parent / "langfuse"
    files = {
        f"logs/proj-1/{table}/2026-05-01T11-00-00.jsonl": (exported / f"{table}.jsonl").read_text()
        for table in ("observations", "traces")
    }
    settings = SETTINGS.replace("otel", "langfuse")
    company = OwnCompany(compiled, write_company(tmp_path, files, settings))
    # ten calls: one of them stands in two files, one two libraries tell
    assert company.value("select count(*) from fct_requests") == 10
    said = "select distinct session_id, customer_id, workflow, run_id from fct_requests"
    assert company.query(said) == [
        ("s-1", "cust-1001", "answer-question", "5b8efff798038103d269b633813fc60c")
    ]
    agents = "select agent, count(*) from fct_requests group by all order by 1 nulls last"
    assert company.query(agents) == [("researcher", 1), (None, 9)]


def test_posts_of_ddtrace_are_the_calls_of_their_agents_and_workflows(
    compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    posts = gzip.decompress((TRACES / "ddtrace-4.16.0" / "posts.jsonl.gz").read_bytes()).decode()
    settings = SETTINGS.replace("otel", "datadog")
    files = {"logs/2026-11-28.jsonl": posts}
    company = OwnCompany(compiled, write_company(tmp_path, files, settings))
    said = "select workflow, agent, count(*) from fct_requests group by all order by 2 nulls last"
    assert company.query(said) == [("ask", "researcher", 3), ("ask", None, 36)]
    places = "select count(*) from landing.request_context where join_key = 'datadog'"
    assert company.value(places) == 78
