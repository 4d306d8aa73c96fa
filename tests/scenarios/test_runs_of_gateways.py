"""A run whose spans one source tells and whose requests others count: its tree ties to the bill."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from ingestion.workspace.settings import Workspace
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import OwnCompany, call, costs, line, log, write_company
from tests.scenarios.test_runs import NOON, SETTINGS, chat, exported, span

MAP: Final = "{provider_request_id: response, gateway_key_alias: key}"
GATEWAYS: Final = "".join(
    f"  - {{name: {name}, format: generic, location: {name}, columns: {MAP}}}\n"
    for name in ("proxy", "edge")
)
BESIDE: Final = SETTINGS.replace("bills:", f"{GATEWAYS}bills:")
MODEL: Final = "gpt-4o-mini-2024-07-18"
# in the bill 0.50 is of no request
BILL: Final = costs(line("2026-10-05", f"{MODEL}, input", "6.50", 3_250_000))
# Per run: the agent's own calls and those of a tool inside it, by the log that counts them first.
CALLS: Final = {
    1: (("proxy", "agent", 400_000), ("edge", "tool", 600_000)),
    2: (("traces", "agent", 250_000), ("proxy", "tool", 500_000), ("edge", "tool", 250_000)),
    3: (("edge", "agent", 1_000_000 - 100_000),),
}
# what a gateway counts and no trace tells is of no run
APART: Final = 100_000
UNKNOWN: Final = "__unknown__"
Spans = list[dict[str, Any]]


def told() -> tuple[Spans, dict[str, list[dict[str, Any]]]]:
    spans: Spans = []
    logs: dict[str, list[dict[str, Any]]] = {"proxy": [], "edge": []}
    number = 100
    for run, calls in CALLS.items():
        agent, tool = 10 * run, 10 * run + 1
        asked = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": f"a{run}"}
        spans += [
            span(agent, trace=run, **asked),
            span(
                tool, agent, trace=run, gen_ai__operation__name="execute_tool",
                gen_ai__tool__name="look-up",
            ),
        ]  # fmt: skip
        for source, place, tokens in calls:
            number += 1
            parent = tool if place == "tool" else agent
            spans.append(chat(number, parent, tokens, trace=run, seconds=number))
            if source in logs:
                logs[source].append(logged(number, tokens))
    logs["proxy"].append(logged(999, APART))
    return spans, logs


def logged(number: int, tokens: int) -> dict[str, Any]:
    at = (NOON + timedelta(seconds=number)).isoformat()
    return call(at, MODEL, tokens, response=f"chatcmpl-{number:04}", key="web")


def test_the_tree_of_a_run_sums_to_its_requests_and_their_billed_cost_to_the_bill(
    compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    spans, logs = told()
    files = {
        "openai/page.json": BILL,
        # the tree lies in two objects, the root of each run in the later one
        "traces/0.jsonl": exported(*spans[1::2]),
        "traces/1.jsonl": exported(*spans[::2]),
        **{f"{name}/log.ndjson": log(calls) for name, calls in logs.items()},
    }
    company = OwnCompany(compiled, write_company(tmp_path, files, BESIDE))
    # each call once, under the gateway that counted it
    assert company.query("select source, count(*) from fct_requests group by all order by 1") == [
        ("edge", 3),
        ("proxy", 3),
        ("traces", 1),
    ]
    dollars = Decimal("0.000002")
    by_run = {
        f"{run:032x}": sum(tokens for _, _, tokens in calls) * dollars
        for run, calls in CALLS.items()
    } | {UNKNOWN: APART * dollars}
    billed = "select {0}, sum(billed_cost) from {1} where {2} group by all"
    assert dict(company.query(billed.format("run_id", "fct_run_costs", "true"))) == by_run
    by_tool = {
        tool: dollars
        * sum(tokens for calls in CALLS.values() for _, place, tokens in calls if place == told_as)
        for tool, told_as in (("look-up", "tool"), (UNKNOWN, "agent"))
    }
    by_tool[UNKNOWN] += APART * dollars
    assert dict(company.query(billed.format("tool", "fct_tool_costs", "true"))) == by_tool
    # of one run its requests, its agent and its tools make the same
    for run in (1, 2, 3):
        of_run = f"run_id = '{run:032x}'"
        [(requests,)] = company.query(
            "select sum(costs.billed_cost) from fct_request_costs as costs"
            f" join fct_requests as requests using (request_key) where requests.{of_run}"
        )
        [(agent,)] = company.query(
            f"select sum(billed_cost) from fct_agent_costs where agent = 'a{run}'"
        )
        assert requests == agent == by_run[f"{run:032x}"]
    # all runs, what is of none and what no request explains are the bill
    residual = company.value(
        "select sum(billed_cost) from fct_cost_allocations where residual_cause is not null"
    )
    assert residual == Decimal("0.5")
    assert sum(by_run.values()) + residual == Decimal("6.5")
    assert company.value("select sum(billed_cost) from fct_cost_allocations") == Decimal("6.5")
