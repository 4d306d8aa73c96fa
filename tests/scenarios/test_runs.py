"""What a trace says around a call: run, agent, workflow, step and tool, and whose it is."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from ingestion.workspace.settings import Workspace
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import OwnCompany, call, costs, line, log, write_company

SETTINGS: Final = """\
company: Agents
gateways:
  - {name: traces, format: otel, location: traces}
bills:
  - {name: openai, format: openai, account: org-o, location: openai}
"""
WITH_PROXY: Final = SETTINGS.replace(
    "bills:",
    "  - {name: proxy, format: generic, location: proxy,"
    " columns: {provider_request_id: response, gateway_key_alias: key}}\nbills:",
)
FLASH: Final = {"gen_ai.provider.name": "gcp.gemini", "gen_ai.request.model": "gemini-2.5-flash"}
MINI: Final = {"gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o-mini-2024-07-18"}
NOON: Final = datetime(2026, 10, 5, 12, tzinfo=UTC)
Make = Callable[..., OwnCompany]


@pytest.fixture
def make(compiled: Callable[[Workspace], CompiledProject], tmp_path: Path) -> Make:
    def made(
        *exports: Iterable[dict[str, Any]], settings: str = SETTINGS, **files: str
    ) -> OwnCompany:
        """`exports`: spans as they were exported, an object each."""
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        page = costs(line("2026-10-05", "gpt-4o-mini-2024-07-18, input", "6.00", 3_000_000))
        logs = {f"traces/{n}.jsonl": exported(*spans) for n, spans in enumerate(exports)}
        rules = "priority,match,set_feature\n1,key_alias=web & agent=zeno,maps\n"
        customers = "customer_id,tier\nacme-*,enterprise\n"
        own = (
            {
                "openai/page.json": page,
                "reference/attribution_rules.csv": rules,
                "reference/customers.csv": customers,
            }
            | logs
            | {f"proxy/{k}.ndjson": v for k, v in files.items()}
        )
        return OwnCompany(compiled, write_company(folder, own, settings))

    return made


def span(
    number: int, parent: int | None = None, trace: int = 1, seconds: float = 0, **said: Any
) -> dict[str, Any]:
    """One second long, `seconds` after noon; `said` are its attributes, `__` for a dot."""
    start = int((NOON + timedelta(seconds=seconds)).timestamp() * 1000) * 1_000_000
    attributes = {key.replace("__", "."): value for key, value in said.items()}
    return {
        "traceId": f"{trace:032x}",
        "spanId": f"{number:016x}",
        **({"parentSpanId": f"{parent:016x}"} if parent else {}),
        "name": str(attributes.pop("name", "span")),
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + 1_000_000_000),
        "attributes": [{"key": key, "value": _value(value)} for key, value in attributes.items()],
    }


def _value(value: Any) -> dict[str, Any]:
    return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}


def chat(
    number: int, parent: int, tokens: int, output: int = 0, model: Any = MINI, **where: Any
) -> dict[str, Any]:
    said = {
        "gen_ai.operation.name": "chat",
        "gen_ai.usage.input_tokens": tokens,
        "gen_ai.usage.output_tokens": output,
        "gen_ai.response.id": f"chatcmpl-{number:04}",
        **model,
    }
    return span(
        number, parent, **where, **{key.replace(".", "__"): value for key, value in said.items()}
    )


def exported(*spans: dict[str, Any]) -> str:
    scope = {"scope": {"name": "made"}, "spans": list(spans)}
    return (
        json.dumps({"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [scope]}]})
        + "\n"
    )


AGENT: Final = span(2, 1, gen_ai__operation__name="invoke_agent", gen_ai__agent__name="zeno")
TOOL: Final = span(3, 2, gen_ai__operation__name="execute_tool", gen_ai__tool__name="pick-dataset")


def test_a_run_costs_what_its_agent_and_the_tools_inside_it_call(make: Make) -> None:
    """wri/project-zeno#814: the cost of an agent left out what its tools asked of models."""
    company = make(
        [
            span(1, name="zeno-run"),
            AGENT,
            chat(4, 2, 37_090, 2, FLASH),
            TOOL,
            chat(5, 3, 18_240, 0, FLASH),
        ]
    )
    by_tool = "select tool, sum(list_cost) from fct_requests group by all order by 1 nulls first"
    assert company.query(by_tool) == [
        (None, Decimal("0.011132")),
        ("pick-dataset", Decimal("0.005472")),
    ]
    assert company.query("select run_id, agent, sum(list_cost) from fct_requests group by all") == [
        (f"{1:032x}", "zeno", Decimal("0.016604"))
    ]
    views = [
        company.value(f"select sum(estimated_cost) from fct_{kind}_costs")
        for kind in ("run", "agent", "workflow", "tool")
    ]
    assert views == [Decimal("0.016604")] * 4
    columns = "unit, agent, workflow, units, requests, contracted_cost, cost_per_unit_p95"
    assert company.query(f"select {columns} from mart_unit_cost_monthly") == [
        ("run", "zeno", "__unknown__", 1, 2, Decimal("0.016604"), Decimal("0.017000"))
    ]


def test_the_nearest_says_more_and_what_comes_later_counts(make: Make) -> None:
    outer = span(
        1, gen_ai__operation__name="invoke_agent", gen_ai__agent__name="outer", feature="search"
    )
    inner = span(2, 1, gen_ai__operation__name="invoke_agent", gen_ai__agent__name="inner")
    calls = [chat(4, 1, 1_000), chat(5, 2, 1_000)]
    whole = make([outer, inner, *calls])
    rows = (
        "select request_id, agent, run_id, feature, sum(billed_cost)"
        " from fct_requests join fct_request_costs using (request_id) group by all order by 1"
    )
    assert [(row[1], row[3]) for row in whole.query(rows)] == [
        ("outer", "search"),
        ("inner", "search"),
    ]
    # an exporter sends the root of a run last
    late = make(calls)
    assert late.query("select distinct agent from fct_requests") == [(None,)]
    (late.folder / "traces/late.jsonl").write_text(exported(outer, inner))
    late.build()
    assert late.query(rows) == whole.query(rows)


def test_a_customer_that_the_root_of_a_run_names_has_the_tier_of_customers_csv(make: Make) -> None:
    company = make(
        [span(1, user__id="acme-eu"), chat(4, 1, 1_000), chat(5, 4, 1_000, user__id="b")]
    )
    assert company.query("select customer_id, customer, tier from fct_requests order by 1") == [
        ("acme-eu", "acme-*", "enterprise"),
        ("b", "b", "__unallocated__"),
    ]


def test_a_run_across_midnight_keeps_what_the_day_before_said(make: Make) -> None:
    evening = 12 * 60 * 60 - 10
    root = span(
        1, seconds=evening, gen_ai__operation__name="invoke_agent", gen_ai__agent__name="night"
    )
    company = make(
        [root, chat(4, 1, 1_000, seconds=evening + 20), chat(5, 1, 1_000, seconds=evening + 5)]
    )
    assert company.query("select usage_date::varchar, agent from fct_requests order by 1") == [
        ("2026-10-05", "night"),
        ("2026-10-06", "night"),
    ]


def test_a_rule_on_the_gateways_key_and_the_traces_agent_meets_their_one_call(make: Make) -> None:
    proxy = [
        call(
            NOON.isoformat(),
            "gpt-4o-mini-2024-07-18",
            1_000,
            0,
            response="chatcmpl-0004",
            key="web",
        )
    ]
    company = make([AGENT, chat(4, 2, 1_000), span(1)], settings=WITH_PROXY, log=log(proxy))
    assert company.query("select source, observed_also_in, agent, run_id from fct_requests") == [
        ("proxy", "traces", "zeno", f"{1:032x}")
    ]


def test_billed_cost_of_runs_is_the_bills(make: Make) -> None:
    company = make(
        [
            call_span
            for run in range(1, 4)
            for call_span in (
                span(1, trace=run, name="run"),
                chat(4, 1, 700_000 * run // 2, trace=run, seconds=run),
            )
        ]
    )
    billed = "select run_id, sum(billed_cost) from fct_run_costs group by all order by 1"
    assert company.query(billed) == [
        (f"{1:032x}", Decimal("0.7")),
        (f"{2:032x}", Decimal("1.4")),
        (f"{3:032x}", Decimal("2.1")),
    ]
    assert company.value("select sum(billed_cost) from fct_cost_allocations") == 6
