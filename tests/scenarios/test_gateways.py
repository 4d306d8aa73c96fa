"""Scenarios 1.1, 1.2, 2.1, 2.2 and 5.2: what a proxy logs, beside what OpenAI bills for it."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from companies import SETTINGS, Company, call, costs, line, log, write_company

from tests.pipeline.compiled_project import CompiledProject

INPUT, OUTPUT = "gpt-4o-2024-08-06, input", "gpt-4o-2024-08-06, output"
MINI = "gpt-4o-mini-2024-07-18, input"
CHEAP, PREMIUM = Decimal("0.0006"), Decimal("0.01")  # 4,000 tokens of either model
PRICES = (
    "provider,model,meter,unit_price_per_million,valid_from,valid_to\n"
    "mistral-eu,mistral-next,input,2,,2026-10-20T00:00:00Z\n"
    "mistral-eu,mistral-next,input,4,2026-10-20T00:00:00Z,\n"
    "mistral-eu,mistral-next,output,6,,\n"
)


def cached_answers() -> Iterator[dict[str, Any]]:
    for number in range(100):
        layer = {"cache_layer": "semantic"} if number % 20 < 7 else {}
        yield call(
            f"2026-10-05T10:{number % 60:02}:00Z", "gpt-4o", 4000, feature_tag="faq", **layer
        )


def cached_elsewhere() -> Iterator[dict[str, Any]]:
    """Hits before and after a price rises and of no price; prompts that the provider had cached."""
    known = {"provider": "mistral-eu", "feature_tag": "search"}
    for at in ("2026-10-19T23:59:59Z", "2026-10-20T00:00:00Z"):
        yield call(at, "mistral-next", 100_000, 10_000, cache_layer="gateway_exact", **known)
    at = "2026-10-20T10:00:00Z"
    for model, layer in (("mistral-next", "gateway_exact"), ("mistral-none", "semantic")):
        yield call(at, model, 100_000, cache_layer=layer, request_id=model, **known)
    for fresh in (1000, 0):
        yield call(
            "2026-10-21T10:00:00Z", "gpt-4o", 4000 + fresh, cached_tokens=4000, feature_tag="long",
            provider="openai",
        )  # fmt: skip


def cascade() -> Iterator[dict[str, Any]]:
    for number in range(100):
        known = {"feature_tag": "triage", "trace": f"t{number}", "request_id": f"r{number}"}
        at = f"2026-10-06T10:{number % 60:02}:00Z"
        yield call(at, "gpt-4o-mini", 4000, attempt=1, role="primary", **known)
        if number % 10 == 0:
            yield call(at, "gpt-4o", 4000, attempt=2, role="escalation", **known)


def retried() -> Iterator[dict[str, Any]]:
    """20,000 tokens are $0.05; the provider billed the answer that timed out on the way back."""
    for number, status in enumerate(("429", "500", "ok"), start=1):
        tokens = 0 if status == "429" else 20_000
        at = f"2026-10-07T10:00:0{number}Z"
        known = {"request_id": "mail", "attempt": number, "status": status}
        yield call(at, "gpt-4o", tokens, feature_tag="mail", team="crm", **known)


def compressed() -> Iterator[dict[str, Any]]:
    for number in range(10):
        for prompt, tokens in (("full", 2000), ("compressed", 200)):
            at = f"2026-10-08T1{number % 2}:{number:02}:00Z"
            known = {"feature_tag": "brief", "prompt": prompt}
            if prompt == "compressed":
                known["metadata"] = {"original_prompt_tokens": 2000}
            yield call(at, "gpt-4o", tokens, **known)


def compressed_elsewhere() -> Iterator[dict[str, Any]]:
    """Of no price, half of it from the cache, made longer; and a word that is no number."""
    for model, original, tokens, cached in (
        *(("mistral-none", 500, 100, 0), ("gpt-4o", 1000, 400, 200)),
        *(("gpt-4o", 100, 120, 0), ("gpt-4o", "many", 100, 0)),
    ):
        yield call(
            "2026-10-14T10:00:00Z", model, tokens, cached_tokens=cached, feature_tag="digest",
            metadata={"original_prompt_tokens": original},
        )  # fmt: skip


def routed() -> Iterator[dict[str, Any]]:
    """A router's name, one of which a model has no price, and one that fails over alone."""
    for asked, model, role in (
        *(("auto", "gpt-4o-mini", None), ("auto", "gpt-4o-mini", None), ("auto", "gpt-4o", None)),
        *(("best", "gpt-4o", None), ("best", "mistral-none", None)),
        *(("safe", "gpt-4o-mini", "primary"), ("safe", "gpt-4o", "fallback")),
    ):
        known = {"feature_tag": "router", **({"role": role, "request_id": asked} if role else {})}
        yield call("2026-10-13T10:00:00Z", asked, 1000, routed_to=model, **known)


def sessions() -> Iterator[dict[str, Any]]:
    """800 tokens in and 200 out are $0.004: 200 users, 500 sessions, 1,000 requests."""
    for number in range(1000):
        who = {"who": f"u{number % 200}"} if number % 200 else {}
        place = {"session_id": f"s{number % 500}", "feature_tag": ("chat", "search")[number % 2]}
        yield call(f"2026-10-09T{number % 24:02}:00:00Z", "gpt-4o", 800, 200, **who, **place)


def tiers() -> Iterator[dict[str, Any]]:
    for tier in ("free", "pro"):
        yield call("2026-10-10T10:00:00Z", "gpt-4o", 4000, feature_tag="draw", tier=tier)


def before_and_after() -> Iterator[dict[str, Any]]:
    """100 requests of September on the premium model; of October's 90 on the cheap one."""
    for month in ("09", "10"):
        for number in range(100):
            model = "gpt-4o-mini" if month == "10" and number % 10 else "gpt-4o"
            at = f"2026-{month}-12T{number % 24:02}:00:00Z"
            yield call(at, model, 1000, feature_tag="expenses")


def unknown_provider() -> dict[str, Any]:
    return call("2026-10-11T10:00:00Z", "mistral-next", 500_000, 100_000, provider="mistral-eu")


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    calls = [*cached_answers(), *cascade(), *retried(), *compressed(), *sessions(), *tiers()]
    calls += [*before_and_after(), *routed(), *compressed_elsewhere()]
    files = {
        "logs/proxy.jsonl": log({"provider": "openai", **each} for each in calls),
        "logs/other.jsonl": log([unknown_provider(), *cached_elsewhere()]),
        "reference/prices.csv": PRICES,
        "openai/costs.json": costs(
            line("2026-09-12", INPUT, "1.80", 100_000),
            line("2026-10-05", INPUT, "0.65", 65 * 4000),
            line("2026-10-06", MINI, "0.06", 100 * 4000),
            line("2026-10-06", INPUT, "0.10", 10 * 4000),
            line("2026-10-07", INPUT, "0.10", 2 * 20_000),
            line("2026-10-08", INPUT, "0.055", 22_000),
            line("2026-10-09", INPUT, "2.00", 800_000),
            line("2026-10-09", OUTPUT, "2.00", 200_000),
            line("2026-10-10", INPUT, "0.02", 8000),
            line("2026-10-12", INPUT, "0.18", 10_000),
            line("2026-10-12", MINI, "0.13", 90_000),
        ),
    }
    folder: Path = tmp_path_factory.mktemp("proxied")
    settings = SETTINGS.replace("    columns:\n", "    columns:\n      model_routed: routed_to\n")
    settings += "attributes: [metadata:original_prompt_tokens]\n"
    return Company(project, write_company(folder, files, settings))


def test_semantic_cache(company: Company) -> None:
    """Trap 20: a hit of the gateway's cache costs nothing at the provider. 1.1 GPTCache: 100
    requests x $0.01, 35 hits: billed 0.65, hit rate 35 %, avoided 0.35.
    """
    assert company.by("feature")["faq"] == Decimal("0.65")
    assert company.query(
        "select price_status, count(*), sum(list_cost) from fct_requests where feature = 'faq'"
        " group by all order by all"
    ) == [("cached", 35, 0), ("priced", 65, Decimal("0.65"))]
    # what the hits would have cost, at the price as of their time
    assert company.value(
        "select sum(r.input_quantity * p.list_unit_price_per_million) from fct_requests r"
        " join dim_prices p on p.provider = 'openai' and p.model = r.model and p.meter = 'input'"
        " and p.service_tier = 'standard' and p.valid_from <= r.started_at"
        " and r.started_at < p.valid_to where r.cache_layer = 'semantic'"
    ) == Decimal("0.35").scaleb(6)
    assert company.value(
        "select count(*) from fct_request_costs join fct_requests using (request_key)"
        " where cache_layer = 'semantic'"
    ) == 0  # fmt: skip


def test_hits_are_avoided_at_the_price_as_of_then(company: Company) -> None:
    """1.1 GPTCache by day; a price that changes at an instant; no price is no saving of 0."""
    assert company.query(
        "select cache_layer, requests, hits, hit_rate, contracted_cost, avoided_cost, hits_unpriced"
        " from mart_cache_daily where feature = 'faq' order by hits"
    ) == [
        ("none", 65, 0, 0, Decimal("0.65"), 0, 0),
        ("semantic", 35, 35, 35, 0, Decimal("0.35"), 0),
    ]
    assert company.query(
        "select day(usage_date), model, cache_layer, hits, hit_rate, avoided_cost, hits_unpriced"
        " from mart_cache_daily where feature = 'search' and model like 'mistral%' order by all"
    ) == [
        (19, "mistral-next", "gateway_exact", 1, 100, Decimal("0.26"), 0),
        (20, "mistral-next", "gateway_exact", 2, 100, Decimal("0.86"), 0),
        (20, "mistral-none", "semantic", 1, 100, None, 1),
    ]
    # nothing of it is money
    assert company.value(
        "select coalesce(sum(estimated_cost), 0) from fct_cost_allocations"
        " where provider = 'mistral-eu' and usage_date >= date '2026-10-19'"
    ) == 0  # fmt: skip


def test_what_the_provider_had_cached_is_a_layer_of_its_own(company: Company) -> None:
    """4,000 tokens at 2.50 are 0.01, read from the cache 0.005, with fresh ones and without."""
    assert company.query(
        "select cache_layer, hits, hit_rate, contracted_cost, avoided_cost, hits_unpriced"
        " from mart_cache_daily where feature = 'long'"
    ) == [("provider_prefix", 2, 100, Decimal("0.0125"), Decimal("0.01"), 0)]


def test_cascade(company: Company) -> None:
    """1.1 RouteLLM: c on every request, 10 % escalated to p: c + 0.10 p = 0.90 c + 0.10 (c + p)."""
    billed = company.by("feature")["triage"]
    calls = company.value("select count(distinct trace_id) from fct_requests")
    assert billed / calls == CHEAP + PREMIUM / 10
    assert billed / calls != Decimal("0.9") * CHEAP + PREMIUM / 10  # the leg already paid, dropped
    assert company.query(
        "select attempt_role, count(*), sum(billed_cost) from fct_request_costs"
        " join fct_requests using (request_key) where feature = 'triage' group by all order by all"
    ) == [("escalation", 10, 10 * PREMIUM), ("primary", 100, 100 * CHEAP)]


def test_a_cascade_by_call(company: Company) -> None:
    """1.1 RouteLLM: a call costs c + 0.10 p, of which 0.10 c is of answers that did not stand."""
    assert company.query(
        "select first_model, calls, legs, escalated_calls, escalation_rate, primary_cost,"
        " escalation_cost, earlier_legs_cost, contracted_cost, cost_per_call, legs_unpriced"
        " from mart_routing_daily where feature = 'triage'"
    ) == [
        (
            *("gpt-4o-mini", 100, 110, 10, 10, 100 * CHEAP, 10 * PREMIUM, 10 * CHEAP),
            *(100 * CHEAP + 10 * PREMIUM, CHEAP + PREMIUM / 10, 0),
        )
    ]
    # attempts without a role: both that were billed count, the first of them for nothing
    assert company.query(
        "select calls, legs, earlier_legs_cost, cost_per_call from mart_routing_daily"
        " where team = 'crm'"
    ) == [(1, 3, Decimal("0.05"), Decimal("0.10"))]
    # every request is a leg of one call
    assert company.value("select sum(legs) from mart_routing_daily") == company.value(
        "select count(*) from fct_requests"
    )


def test_what_routing_saved(company: Company) -> None:
    """1.1 RouteLLM: all at the dear model would have been 100 p; c on each and 0.10 p are 0.16."""
    saved = (
        "select asked_for, top_model, calls, legs, contracted_cost, counterfactual_cost, saved_cost"
        " from mart_routing_savings_daily where feature = '{}' order by 1"
    )
    assert company.query(saved.format("triage")) == [
        ("gpt-4o-mini", "gpt-4o", 100, 110, Decimal("0.16"), 100 * PREMIUM, Decimal("0.84"))
    ]
    # two of 1,000 tokens at 0.15 and one at 2.50, for three at 2.50; of `best` nobody knows
    assert company.query(saved.format("router")) == [
        *[("auto", "gpt-4o", 3, 3, Decimal("0.0028"), Decimal("0.0075"), Decimal("0.0047"))],
        *[("best", None, 2, 2, None, None, None)],
    ]


def test_retry_doubles(company: Company) -> None:
    """2.2: one failed and billed, one ok, $0.05 each: $0.10 on the owner, $0.05 of it waste."""
    assert company.by("team")["crm"] == Decimal("0.10")
    assert company.query(
        "select attempt_no, status, http_status, coalesce(sum(billed_cost), 0) from fct_requests"
        " left join fct_request_costs using (request_key) where team = 'crm'"
        " group by all order by all"
    ) == [
        # 1.2: a refused call costs nothing
        (1, "error", 429, Decimal(0)),
        (2, "error", 500, Decimal("0.05")),
        (3, "success", None, Decimal("0.05")),
    ]


def test_compressed_prompts(company: Company) -> None:
    """1.1 LLMLingua: 2,000 tokens to 200 saves 1,800 x price x requests."""
    rows = company.query(
        "select prompt_version, count(*), sum(billed_cost) from fct_request_costs"
        " join fct_requests using (request_key) where feature = 'brief' group by all"
    )
    [(_, count, full)] = [row for row in rows if row[0] == "full"]
    [(_, also, compressed_cost)] = [row for row in rows if row[0] == "compressed"]
    assert count == also == 10
    assert full - compressed_cost == 1800 * Decimal("2.5") / 1_000_000 * count
    saved = (
        "select model, requests, original_tokens, sent_tokens, tokens_saved, saved_list_cost,"
        " requests_unpriced from mart_compression_daily where feature = '{}' order by model"
    )
    assert company.query(saved.format("brief")) == [
        ("gpt-4o", 10, 20_000, 2000, 18_000, Decimal("0.045"), 0)
    ]
    # 600 and -20 at 2.50 a million
    assert company.query(saved.format("digest")) == [
        ("gpt-4o", 2, 1100, 520, 580, Decimal("0.00145"), 0),
        ("mistral-none", 1, 500, 100, 400, None, 1),
    ]


def test_request_to_user_to_session_to_feature(company: Company) -> None:
    """2.1: $0.004 a request, the same total by every field; x 1 M requests = $4,000.00."""
    a_day = "where usage_date = date '2026-10-09'"
    for relation in ("user", "session"):
        total = f"select sum(billed_cost) from fct_{relation}_costs {a_day}"
        assert company.value(total) == Decimal("4.00"), relation
    assert company.query(
        f"select feature, sum(requests), sum(billed_cost) from fct_feature_cost_daily {a_day}"
        " group by all order by all"
    ) == [("chat", 500, Decimal(2)), ("search", 500, Decimal(2))]
    each = company.query(
        "select distinct sum(billed_cost) from fct_request_costs join fct_requests using"
        " (request_key) where session_id <> '' group by request_key"
    )
    assert [(cost, cost * 1_000_000) for (cost,) in each] == [(Decimal("0.004"), Decimal(4000))]
    nobody = (
        f"select distinct user_id from fct_user_costs {a_day} and user_id like '\\_%' escape '\\'"
    )
    assert company.query(nobody) == [("__unknown__",)]


def test_a_free_tier_has_its_cost(company: Company) -> None:
    """1.1 Helicone: the tier `free` has a row, with a cost above 0."""
    assert company.query(
        "select tier, billed_cost, requests from mart_showback_monthly where feature = 'draw'"
        " order by tier"
    ) == [("free", Decimal("0.01"), 1), ("pro", Decimal("0.01"), 1)]


def test_a_provider_unknown_to_the_code_loads_by_config(company: Company) -> None:
    """1.2 Cohere, Mistral: a log, a line of prices.csv a meter, and no code."""
    assert company.query(
        "select billing_account, model, cost_basis, sum(estimated_cost)"
        " from fct_cost_allocations where provider = 'mistral-eu' group by all"
    ) == [("__unknown__", "mistral-next", "estimated", Decimal("1.6"))]


def test_unit_cost_before_and_after(company: Company) -> None:
    """5.2 Brex: 90 % on a cheap model takes a request from $0.018 to $0.0031, -82.8 %."""
    before, after = company.query(
        "select cost_per_request, cost_change from mart_showback_monthly"
        " where feature = 'expenses' order by showback_month"
    )
    assert (before[0], after) == (Decimal("0.018"), (Decimal("0.0031"), Decimal("-1.49")))
    assert round((after[0] / before[0] - 1) * 100, 1) == Decimal("-82.8")
    cheap = company.value(
        "select sum(billed_cost) from fct_cost_allocations where feature = 'expenses'"
        " and model = 'gpt-4o-mini'"
    )
    assert round(cheap / 90, 5) == Decimal("0.00144")
