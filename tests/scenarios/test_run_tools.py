"""What a run asks of the provider's own tools, against the lines of its bill."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from ingestion.workspace.settings import Workspace
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import OwnCompany, costs, line, write_company
from tests.scenarios.test_runs import MINI, SETTINGS, chat, exported, span

DAY: Final = "2026-10-05"
CODE: Final = "code_interpreter_call"
# What each answer of a run called.
THREE_SEARCHES_AND_CODE: Final = (
    ("web_search_call", "web_search_call"),
    ("web_search_call", CODE, CODE),
    (),
)
PRICES: Final = """\
provider,model,meter,unit_price_per_million
openai,gpt-4o-mini,web_searches,10000
openai,gpt-4o-mini,code_sessions,30000
"""
BILL: Final = costs(
    line(DAY, "gpt-4o-mini-2024-07-18, input", "0.90", 6_000_000),
    line(DAY, "web search tool calls", "0.03", 3),
    line(DAY, "code interpreter sessions", "0.03", 1),
)


def answered(*calls: str) -> dict[str, Any]:
    """As OpenInference tells a call of the Responses API: the answer is an attribute."""
    items = [{"type": call, "status": "completed", "container_id": "cntr_1"} for call in calls]
    return {**MINI, "output.value": json.dumps({"id": "resp_1", "output": items})}


def run(number: int, *answers: tuple[str, ...]) -> list[dict[str, Any]]:
    agent = span(1, None, number, gen_ai__operation__name="invoke_agent", name=f"agent-{number}")
    calls = [
        chat(10 * number + place, 1, 1_000_000, model=answered(*calls), trace=number)
        for place, calls in enumerate(answers)
    ]
    return [agent, *calls]


def test_a_run_with_three_searches_and_a_code_session_ties_to_the_bills_tool_lines(
    compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    files = {
        "openai/page.json": BILL,
        "reference/prices.csv": PRICES,
        "traces/0.jsonl": exported(*run(1, *THREE_SEARCHES_AND_CODE), *run(2, (), (), ())),
    }
    company = OwnCompany(compiled, write_company(tmp_path, files, SETTINGS))
    used = "select meter, sum(quantity), sum(list_cost) from fct_request_meters where quantity > 0"
    assert company.query(f"{used} group by all order by 1") == [
        ("code_sessions", 1, Decimal("0.03")),
        ("input", 6_000_000, Decimal("0.9")),
        ("web_searches", 3, Decimal("0.03")),
    ]
    billed = "select meter, residual_cause, sum(billed_cost) from fct_cost_allocations"
    assert company.query(f"{billed} group by all order by 1") == [
        ("code_sessions", None, Decimal("0.03")),
        ("input", None, Decimal("0.9")),
        ("web_searches", None, Decimal("0.03")),
    ]
    by_run = "select run_id, sum(billed_cost) from fct_run_costs group by all order by 1"
    assert company.query(by_run) == [
        (f"{1:032x}", Decimal("0.51")),
        (f"{2:032x}", Decimal("0.45")),
    ]
