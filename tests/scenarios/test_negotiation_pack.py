"""Scenario 5.1, negotiation: a year's volume by model and meter, and what others take for it."""

from decimal import Decimal

import pytest
from companies import Company, call, costs, line, log, write_company

from tests.pipeline.compiled_project import CompiledProject

# one sells the model under its maker's name, and dearer from October 20th on; one not all of it
PRICES = (
    "provider,model,meter,unit_price_per_million,valid_from,valid_to\n"
    "resale-eu,openai/GPT-4o,input,2,,2026-10-20T00:00:00Z\n"
    "resale-eu,openai/GPT-4o,input,4,2026-10-20T00:00:00Z,\n"
    "resale-eu,openai/GPT-4o,output,6,,\n"
    "half-eu,gpt-4o,input,1,,\n"
    "own-eu,house-model,input,3,,\n"
)
MILLION = 1_000_000


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    calls = [
        call(f"{day}T10:00:00Z", "gpt-4o", tokens, output, provider="openai", feature_tag="chat")
        for day, tokens, output in (
            *(("2026-07-10", MILLION, 0), ("2026-09-10", 3 * MILLION, 0)),
            *(("2026-10-19", MILLION, 0), ("2026-10-20", MILLION, 0), ("2026-10-21", 0, MILLION)),
        )
    ]
    calls.append(
        call("2026-10-21T11:00:00Z", "house-model", MILLION, provider="own-eu", feature_tag="chat")
    )
    bill = costs(
        line("2026-10-19", "gpt-4o-2024-08-06, input", "2.50", MILLION),
        line("2026-10-20", "gpt-4o-2024-08-06, input", "5.00", 2 * MILLION),
        line("2026-10-21", "gpt-4o-2024-08-06, output", "10.00", MILLION),
    )
    files = {"logs/a.jsonl": log(calls), "openai/a.json": bill, "reference/prices.csv": PRICES}
    return Company(project, write_company(tmp_path_factory.mktemp("pack"), files))


def test_history_is_what_the_facts_say(company: Company) -> None:
    """What no request explains is in it, too: a million tokens of October 20th."""
    pack = "from mart_negotiation_pack where is_own group by all order by all"
    facts = (
        "from fct_cost_allocations where model <> '__none__' and meter is not null"
        " group by all order by all"
    )
    columns = "billing_month, provider, model, meter, sum(quantity)::bigint"
    told = company.query(f"select {columns}, sum(cost) {pack}")
    assert told == company.query(f"select {columns}, sum(billed_cost + estimated_cost) {facts}")
    assert [row[4:] for row in told if row[0].month == 10 and row[3] == "input"] == [
        (3 * MILLION, Decimal("7.5")),
        (MILLION, 3),
    ]


def test_another_provider_takes_its_price_of_each_day(company: Company) -> None:
    """The same tokens: a million at 2 and two at 4, and a million at 6."""
    offers = company.query(
        "select offered_by, meter, repriced_cost, unpriced_quantity from mart_negotiation_pack"
        " where model = 'gpt-4o' and billing_month = '2026-10-01'"
        " and offered_by in ('half-eu', 'openai', 'resale-eu') order by all"
    )
    assert offers == [
        ("half-eu", "input", 3, 0),
        ("half-eu", "output", None, MILLION),
        ("openai", "input", Decimal("7.5"), 0),
        ("openai", "output", 10, 0),
        ("resale-eu", "input", 2 + 2 * 4, 0),
        ("resale-eu", "output", 6, 0),
    ]


def test_what_nobody_else_sells_is_not_switchable(company: Company) -> None:
    """17.50 of October's 20.50."""
    shares = company.query(
        "select distinct model, is_switchable, switchable_percent from mart_negotiation_pack"
        " where billing_month = '2026-10-01' order by all"
    )
    percent = Decimal("85.36")
    assert shares == [("gpt-4o", True, percent), ("house-model", False, percent)]


def test_bands_are_of_months_that_are_over(company: Company) -> None:
    """July 1, August none, September 3 million; October is not over."""
    [bands] = company.query(
        "select distinct months, quantity_p10, quantity_p50, quantity_p90"
        " from mart_negotiation_pack where model = 'gpt-4o' and meter = 'input'"
    )
    assert bands == (3, 0, MILLION, 3 * MILLION)
    [house] = company.query(
        "select distinct months, quantity_p50 from mart_negotiation_pack"
        " where model = 'house-model'"
    )
    assert house == (0, None)


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("anthropic/claude-haiku-4.5", "claude-haiku-4-5"),
        ("regional.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5"),
        ("meta.llama3-1-70b-instruct-v1:0", "llama3-1-70b-instruct"),
        ("gpt-4.1", "gpt-4-1"),
        ("openai/gpt-4o-mini:batch", "gpt-4o-mini:batch"),
        ("ft:gpt-4o-mini", "ft:gpt-4o-mini"),
        ("o4-mini", "o4-mini"),
    ],
)
def test_a_model_is_known_under_each_sellers_name(
    project: CompiledProject, company: Company, model: str, name: str
) -> None:
    [sql] = [each.sql for each in project.models if each.name == "mart_negotiation_pack"]
    expression = sql.split("used as (")[1].split("model,", 1)[1].split(" as name")[0]
    assert company.value(f"select {expression} from (select '{model}' as model)") == name
