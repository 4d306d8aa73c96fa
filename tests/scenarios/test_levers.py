"""Scenarios 2.3, 3, 5.2 and 7: levers in order, break-evens, and what became of a plan."""

import json
from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from typing import Any, Final

import pytest
from companies import SETTINGS as WITH_BILLS
from companies import Company, call, log, write_company

from tests.pipeline.compiled_project import CompiledProject

TOLD: Final = ("operation", "stream", "max_tokens", "response_format", "input_hash")
SETTINGS: Final = (
    WITH_BILLS.partition("bills:")[0]
    + "".join(f"      {column}: {column}\n" for column in TOLD)
    + "bills:\n  - {name: gpus, format: opencost, account: prod, location: opencost}\n"
)
# a token of `big` costs a thousandth of a dollar, half in a batch; `tiny` and `nano` a tenth and a
# twentieth of it
PRICES: Final = """\
provider,model,meter,service_tier,unit_price_per_million
house,big,input,,1000
house,big,output,,1000
house,big,input,batch,500
house,big,output,batch,500
house,tiny,input,,100
house,tiny,output,,100
house,nano,input,,50
house,nano,output,,50
house,few-shot,input,,1
house,few-shot,output,,1
"""
LEVERS: Final = """\
lever,feature,share_percent,saving_percent,provider,model,place,one_time_cost,unit_cost,confidence
routing,*,0,,,,,,,
prompt_compression,*,0,,,,,,,
batch,descriptions,80,,,,,,,high
response_cache,chatbot,30,,,,,,,
routing,chatbot,30,,house,tiny,,,,
response_cache,cache-first,30,,,,1,,,
routing,cache-first,30,,house,tiny,2,,,
structured_output,recommendations,,40,,,,,,
max_tokens,sessions-40,,57.5,,,,,,
max_tokens,sessions-60,,86.25,,,,,,
routing,routed-10,80,,house,tiny,,,,
routing,routed-20,80,,house,nano,,,,
batch,documents,100,,,,,,,
routing,by-default,30,,,,,,,
fine_tuning,classify,,,house,few-shot,,250,0.00012,
"""
PLANS: Final = """\
month,feature,lever,baseline_month,planned_saving
2026-10,saver,routing,2026-09,50
2026-10,saver,max_tokens,2026-09,10
2026-10,ghost,batch,2026-09,5
"""
OCTOBER: Final = "2026-10-05T10:00:00Z"


def of(
    feature: str, tokens: int, output: int = 0, at: str = OCTOBER, **more: Any
) -> dict[str, Any]:
    return call(
        at, more.pop("model", "big"), tokens, output, provider="house", feature_tag=feature, **more
    )


def exercises() -> Iterator[dict[str, Any]]:
    yield of("descriptions", 41_000_000)
    yield of("chatbot", 38_000_000)
    yield of("cache-first", 38_000_000)
    yield of("recommendations", 8_700_000, 20_300_000)
    for feature in ("sessions-40", "sessions-60"):
        yield of(feature, 3_500_000, 8_000_000)
    for feature in ("routed-10", "routed-20", "by-default"):
        yield of(feature, 1_000_000)
    for model in ("tiny", "nano"):
        yield of("others", 10, model=model)
    # 100,000 documents a day at a cent
    for day in range(1, 31):
        yield of("documents", 1_000_000, at=f"2026-09-{day:02}T10:00:00Z")
    for number in range(10):
        yield of("classify", 5500, at=f"2026-10-06T10:00:0{number}Z", model="few-shot")


def measured() -> Iterator[dict[str, Any]]:
    """What a log tells: limits, streams, formats, and inputs that come again."""
    for number in range(4):
        structured = {"response_format": "json_schema"} if number % 2 else {}
        yield of("json", 0, 250 if structured else 500, request_id=f"j{number}", **structured)
        limited = {"max_tokens": 100} if number else {}
        yield of("limits", 100, 100, request_id=f"l{number}", **limited)
        yield of("streams", 100, request_id=f"s{number}", stream=number == 0)
    for number in range(100):
        at = f"2026-10-07T10:{number // 60:02}:{number % 60:02}Z"
        yield of("index", 10, at=at, operation="embedding", input_hash=f"h{number % 27}")
        yield of("faq", 10, at=at, input_hash=f"h{min(number, 65)}" if number else "h65")


def saved() -> Iterator[dict[str, Any]]:
    """A hundred requests, then 200, half of them routed and all of them shorter."""
    for number in range(10):
        yield of("saver", 1000, 1000, at=f"2026-09-10T10:00:0{number}Z")
    for number in range(20):
        model = "tiny" if number % 2 else "big"
        yield of("saver", 1000, 500, at=f"2026-10-10T10:00:{number:02}Z", model=model)


def own_gpus() -> str:
    """A month of a cluster: what its model used, and what nobody did."""
    lines = (("llama-3", {"namespace": "serving", "labels": {"model": "llama-3"}}, 8000.0),)
    return "".join(
        json.dumps(
            {
                "name": name,
                "properties": {"cluster": "prod"} | properties,
                "window": {"start": "2026-10-05T10:00:00Z", "end": "2026-10-05T11:00:00Z"},
                "gpuHours": 1.0,
                "gpuCost": cost,
                "totalCost": cost,
            }
        )
        + "\n"
        for name, properties, cost in (*lines, ("__idle__", {}, 166.67))
    )


def company_files() -> dict[str, str]:
    return {
        "logs/exercises.jsonl": log(exercises()),
        "logs/measured.jsonl": log(measured()),
        "logs/saved.jsonl": log(saved()),
        "logs/own.jsonl": log([of("own", 900_000, model="llama-3") | {"provider": "own"}]),
        "opencost/2026-10.jsonl": own_gpus(),
        "reference/prices.csv": PRICES,
        "reference/levers.csv": LEVERS,
        "reference/plans.csv": PLANS,
    }


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder = tmp_path_factory.mktemp("levers")
    return Company(project, write_company(folder, company_files(), SETTINGS))


def lever(company: Company, feature: str, name: str, columns: str) -> tuple[Any, ...]:
    where = f"feature = '{feature}' and lever = '{name}'"
    [row] = company.query(f"select {columns} from mart_savings_levers where {where}")
    return row


def left(company: Company, feature: str) -> Decimal:
    """What all levers leave of a feature's month."""
    return Decimal(
        company.value(
            f"select min(cost_after) from mart_savings_levers where feature = '{feature}'"
        )
    )


def test_scenario_5_2_108_thousand_to_64_90_by_ordered_levers(company: Company) -> None:
    features = ("descriptions", "chatbot", "recommendations")
    assert [left(company, feature) for feature in features] == [24_600, 19_418, 20_880]
    [(before, after)] = company.query(
        "select sum(cost) filter (where lever = 'batch'), sum(cost_after) filter (where place = 9)"
        f" from mart_savings_levers where feature in {features}"
    )
    assert (before, after) == (108_000, 64_898)
    # 65 are needed: 39.8 % less
    assert after < 65_000
    assert round((before - 65_000) * 100 / before, 1) == Decimal("39.8")


def test_scenario_2_3_levers_in_order_are_never_added_up(company: Company) -> None:
    assert left(company, "chatbot") == left(company, "cache-first") == 19_418 != 16_340
    steps = company.query(
        "select lever, cost_before, saving, cost_after from mart_savings_levers"
        " where feature = 'cache-first' and saving > 0 order by place"
    )
    assert steps == [
        ("response_cache", 38_000, 11_400, 26_600),
        ("routing", 26_600, 7_182, 19_418),
    ]
    # the other way round each has another part of the same
    assert lever(company, "chatbot", "routing", "place, saving") == (2, 10_260)
    assert lever(company, "chatbot", "response_cache", "place, saving") == (3, 8_322)


def test_scenario_2_3_max_tokens_cut_the_share_of_the_output_only(company: Company) -> None:
    columns = "cost, eligible_cost, saving"
    assert lever(company, "sessions-40", "max_tokens", columns) == (11_500, 8_000, 4_600)
    assert lever(company, "sessions-60", "max_tokens", columns) == (11_500, 8_000, 6_900)
    # output is 69.6 % of the cost: 57.5 % less of it saves 40 % of all, 86.25 % less saves 60 %
    for feature, percent in (("sessions-40", 40), ("sessions-60", 60)):
        cost, output, saving = lever(company, feature, "max_tokens", columns)
        assert round(output * 100 / cost, 1) == Decimal("69.6")
        assert saving * 100 / cost == percent
    # three of four say a limit: a fifth of the fourth's output is the standard
    told = "eligible_cost, saving, assumption_basis, confidence, assumption"
    assert lever(company, "limits", "max_tokens", told) == (
        *(Decimal("0.1"), Decimal("0.02"), "assumed", "low"),
        "100.00 % of output without a limit, 20.00 % less",
    )
    reason = "saving, eligible_cost, cost_after - cost_before, unknown_reason"
    assert lever(company, "recommendations", "max_tokens", reason) == (
        *(None, None, 0),
        "no request of it says max_tokens: nobody knows which have none",
    )


def test_scenario_2_3_structured_output_halves_500_tokens(company: Company) -> None:
    columns = "eligible_cost, saving, assumption_basis"
    assert lever(company, "json", "structured_output", columns) == (1, Decimal("0.5"), "measured")


def test_scenario_2_3_batch_saves_half_of_100_000_documents_a_day(company: Company) -> None:
    columns = "billing_month::text, saving"
    assert lever(company, "documents", "batch", columns) == ("2026-09-01", Decimal("0.5") * 30_000)
    # three of four are not streamed, half of them can wait
    found = lever(company, "streams", "batch", "eligible_cost, saving, assumption_basis")
    assert found == (Decimal("0.3"), Decimal("0.075"), "assumed")


def test_scenario_2_3_80_percent_routed_to_ten_and_twenty_times_cheaper(company: Company) -> None:
    assert lever(company, "routed-10", "routing", "cost_after, target") == (280, "house/tiny")
    assert lever(company, "routed-20", "routing", "cost_after, target") == (240, "house/nano")
    # nobody named one: the cheapest of the provider that somebody uses
    assert lever(company, "by-default", "routing", "target") == ("house/few-shot",)


def test_scenario_2_2_embeddings_made_again_are_measured_by_their_input(company: Company) -> None:
    columns = "eligible_cost, saving, assumption_basis, confidence"
    assert lever(company, "index", "embeddings", columns) == (
        1,
        Decimal("0.73"),
        "measured",
        "high",
    )
    assert lever(company, "faq", "response_cache", columns) == (
        *(1, Decimal("0.35"), "measured", "high"),
    )
    query = lever(company, "faq", "response_cache", "query")[0]
    assert len(company.query(query)) == 35


def test_scenario_2_3_fine_tuning_pays_after_46_469_requests(company: Company) -> None:
    assert company.query("select * from mart_break_evens where kind = 'fine_tuning'") == [
        (
            *(company.value("select date '2026-10-01'"), "fine_tuning", "classify"),
            *("a request of it at house/few-shot now", "requests", 250, Decimal("0.0055")),
            *(Decimal("0.00012"), 46_469, 10, Decimal("0.0538"), False),
        )
    ]


def test_scenario_3_capacity_breaks_even_at_its_cost_over_the_price_of_a_token(
    company: Company,
) -> None:
    [(tokens, cost)] = company.query(
        "select sum(meters.quantity), sum(meters.contracted_cost) from fct_request_meters as meters"
        " join fct_requests using (request_key) where provider = 'house'"
        " and fct_requests.usage_date >= date '2026-10-01'"
    )
    enough = (Decimal("8166.67") * tokens / cost).to_integral_value(ROUND_CEILING)
    assert company.query(
        "select subject, fixed_cost, break_even_quantity, quantity, is_reached"
        " from mart_break_evens where kind = 'own_capacity' and billing_month = '2026-10-01'"
    ) == [("prod", Decimal("8166.67"), enough, 900_000, enough <= 900_000)]


def test_a_plan_stands_beside_what_became_of_it(company: Company) -> None:
    columns = "levers, requests, requests_before, cost_before, cost, volume_effect, mix_effect"
    rest = "price_effect, efficiency_effect, planned_saving, realised_saving, above_plan"
    [ghost, saver] = company.query(
        f"select {columns}, {rest} from mart_savings_realised order by feature"
    )
    assert ghost == ("batch", *[None] * 8, 5, None, None)
    # ten at 2.00; ten at 1.50 and ten at 0.15: a second ten at 2.00, ten at 0.15, a quarter shorter
    assert saver == (
        *("max_tokens, routing", 20, 10, 20, Decimal("16.5"), 20, Decimal("-18.5")),
        *(0, -5, 60, Decimal("23.5"), Decimal("-36.5")),
    )
