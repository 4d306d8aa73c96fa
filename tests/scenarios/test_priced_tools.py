"""What prices.csv says of a tool: list cost of runs that call it, billed where a bill charges."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from ingestion.workspace.settings import Workspace
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import OwnCompany, costs, line, write_company
from tests.scenarios.test_runs import FLASH, SETTINGS, chat, exported, span

# 0.008 a search of a vendor's, a cent and a half a page that a tool of their own reads
PRICES: Final = """\
provider,model,meter,unit_price_per_million,valid_from
tavily,Tavily_Search,requests,8000,
tools,read-page,requests,15000,2026-10-05
"""
# an invoice is of the whole month
VENDOR: Final = (
    f"since: 2026-09-01\n{SETTINGS}"
    "  - {name: vendors, format: manual_invoice, account: acme-tavily, location: vendors}\n"
)
FIVE_SEARCHES: Final = """\
provider,month,description,amount,currency,model,meter,quantity
tavily,2026-10,Searches,0.10,USD,tavily_search,requests,5
"""
RULES: Final = "priority,match,set_team\n1,agent=zeno,maps\n2,agent=iris,sales\n"
BILL: Final = costs(line("2026-10-05", "gpt-4o-mini-2024-07-18, input", "6.00", 3_000_000))
Make = Callable[..., OwnCompany]


@pytest.fixture
def make(compiled: Callable[[Workspace], CompiledProject], tmp_path: Path) -> Make:
    def made(
        spans: Iterable[dict[str, Any]], prices: str = PRICES, invoice: str | None = None
    ) -> OwnCompany:
        files = {
            "openai/page.json": BILL,
            "reference/attribution_rules.csv": RULES,
            "reference/prices.csv": prices,
            "traces/0.jsonl": exported(*spans),
        }
        if invoice:
            files["vendors/october.csv"] = invoice
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        return OwnCompany(compiled, write_company(folder, files, VENDOR if invoice else SETTINGS))

    return made


def agent(number: int, name: str, trace: int = 1, **where: Any) -> dict[str, Any]:
    said = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": name}
    return span(number, None, trace, **where, **said)


def tool(
    number: int, parent: int | None, name: str, trace: int = 1, **where: Any
) -> dict[str, Any]:
    said = {"gen_ai__operation__name": "execute_tool", "gen_ai__tool__name": name}
    return span(number, parent, trace, **where, **said)


def test_a_priced_tool_is_list_cost_of_its_run_and_no_request(make: Make) -> None:
    """wri/project-zeno#814, and two searches (0.016) and a page (0.015) beside its 0.016604."""
    company = make(
        [
            agent(2, "zeno"),
            chat(4, 2, 37_090, 2, FLASH),
            tool(3, 2, "pick-dataset"),
            chat(5, 3, 18_240, 0, FLASH),
            tool(6, 2, "Tavily_Search"),
            # what a framework calls, its client calls
            tool(7, 6, "tavily_search"),
            tool(8, 3, "TAVILY_SEARCH"),
            tool(9, 2, "read-page"),
        ]
    )
    by = (
        "select {0}, sum(list_cost), sum(requests), sum(tool_calls), sum(billed_cost)"
        " from fct_{1}_costs group by 1 order by 1"
    )
    whole = Decimal("0.047604"), 2, 3, 0
    assert company.query(by.format("run_id", "run")) == [(f"{1:032x}", *whole)]
    assert company.query(by.format("agent", "agent")) == [("zeno", *whole)]
    assert company.query(by.format("tool", "tool")) == [
        ("TAVILY_SEARCH", Decimal("0.008"), 0, 1, 0),
        ("Tavily_Search", Decimal("0.008"), 0, 1, 0),
        ("__unknown__", Decimal("0.011132"), 1, 0, 0),
        ("pick-dataset", Decimal("0.005472"), 1, 0, 0),
        ("read-page", Decimal("0.015"), 0, 1, 0),
    ]
    # of models as it was, and nothing of it is expected on a bill
    assert company.value("select sum(estimated_cost) from fct_run_costs") == Decimal("0.016604")
    by_owner = "select team, provider, sum(list_cost), sum(requests) from fct_cost_daily"
    assert company.query(f"{by_owner} where team = 'maps' group by all order by 2") == [
        ("maps", "google", Decimal("0.016604"), 2),
        ("maps", "tavily", Decimal("0.016"), 0),
        ("maps", "tools", Decimal("0.015"), 0),
    ]
    for mart in ("mart_reconciliation_monthly", "mart_chargeback_monthly"):
        assert company.query(f"select distinct provider from {mart} order by 1") == [
            ("google",),
            ("openai",),
        ]
    assert company.by("team") == {"__unallocated__": Decimal(6)}


def test_a_vendors_invoice_is_the_runs_that_called_it_by_count(make: Make) -> None:
    """0.02 a search, not 0.008: zeno three, iris one, and one that no trace tells."""
    company = make(
        [
            agent(1, "zeno"),
            *(tool(number, 1, "Tavily_Search", seconds=number) for number in (2, 3, 4)),
            agent(1, "iris", trace=2),
            tool(2, 1, "Tavily_Search", trace=2),
            chat(4, 1, 3_000_000, trace=2),
        ],
        invoice=FIVE_SEARCHES,
    )
    assert company.query(
        "select run_id, sum(billed_cost), sum(list_cost), sum(tool_calls) from fct_run_costs"
        " group by all order by 1"
    ) == [
        (f"{1:032x}", Decimal("0.06"), Decimal("0.024"), 3),
        (f"{2:032x}", Decimal("6.02"), Decimal("0.458"), 1),
    ]
    billed = (
        "select team, residual_cause, sum(billed_cost) from fct_cost_allocations"
        " where provider = 'tavily' group by all order by 1"
    )
    assert company.query(billed) == [
        ("__unallocated__", "unlogged_usage", Decimal("0.02")),
        ("maps", None, Decimal("0.06")),
        ("sales", None, Decimal("0.02")),
    ]
    assert company.value("select sum(billed_cost) from fct_cost_allocations") == Decimal("6.10")


def test_until_its_invoice_comes_a_vendors_call_is_an_estimate(make: Make) -> None:
    september = FIVE_SEARCHES.replace("2026-10", "2026-09")
    company = make([agent(1, "zeno"), tool(2, 1, "Tavily_Search")], invoice=september)
    assert company.query(
        "select billing_account, estimated_cost, billed_cost from fct_cost_allocations"
        " where team = 'maps'"
    ) == [("acme-tavily", Decimal("0.008"), 0)]


def test_tools_of_a_day_without_a_model_and_names_that_are_no_tool(make: Make) -> None:
    """Priced from that day on; a model of tokens, and a name of two vendors, are no tools."""
    prices = PRICES + (
        "openai,house-model,requests,1000000,\nopenai,house-model,input,1,\n"
        "exa,search,requests,5000,\ntavily,search,requests,8000,\n"
    )
    day_before = -24 * 60 * 60
    names = ("Tavily_Search", "read-page", "house-model", "search")
    company = make(
        [
            chat(1, 9, 1_000, seconds=2 * day_before),
            *(tool(number, None, name, seconds=day_before) for number, name in enumerate(names, 2)),
            *(tool(number, None, name, trace=2) for number, name in enumerate(names, 2)),
        ],
        prices,
    )
    assert company.query(
        "select usage_date::varchar, model, list_cost, price_status from fct_requests"
        " where is_tool_call order by all"
    ) == [
        ("2026-10-04", "Tavily_Search", Decimal("0.008"), "priced"),
        ("2026-10-05", "Tavily_Search", Decimal("0.008"), "priced"),
        ("2026-10-05", "read-page", Decimal("0.015"), "priced"),
    ]


def test_without_priced_tools_there_is_no_more_sql_and_a_price_of_one_is_another_day(
    make: Make,
) -> None:
    spans = [agent(1, "zeno"), chat(4, 1, 1_000), tool(2, 1, "Tavily_Search")]
    tokens = "provider,model,meter,unit_price_per_million\nacme,house,input,1\n"
    hashes = "select day_hash from intermediate.int_day_inputs"
    without = make(spans, tokens)
    assert not any("called_tool" in model.sql for model in without._project.models)
    priced, again, dearer = (
        make(spans, prices) for prices in (PRICES, PRICES, PRICES.replace("8000", "9000"))
    )
    assert any("called_tool" in model.sql for model in priced._project.models)
    told = [company.query(hashes) for company in (without, priced, again, dearer)]
    assert told[1] == told[2]
    assert told[0] != told[1] != told[3]
