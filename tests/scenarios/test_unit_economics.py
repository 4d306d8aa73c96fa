"""Scenarios 1.1, 2.1, 2.2, 2.4, 4.2, 5.1 and 5.2: what a request, user, tier and outcome cost."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from companies import SETTINGS, Company, call, costs, line, log, write_company

from orchestration.checks.prompt_plans import beyond_plan
from tests.pipeline.compiled_project import CompiledProject

INPUT, OUTPUT = "gpt-4o-2024-08-06, input", "gpt-4o-2024-08-06, output"
MINI: Final = "gpt-4o-mini-2024-07-18, input"
EMBEDDING: Final = "text-embedding-3-small"
REVENUE: Final = """\
month,tier,plan,revenue,active_users
2026-10,Free,,0,2000000
2026-10,pro,monthly,8000000,
"""
CUSTOMERS: Final = """\
customer_id,converted
power,false
buyer-*,true
"""
# upgrades: 34 of 100 by summarization; nothing was sold by experiments
OUTCOMES: Final = """\
date,feature,outcome,count
2026-08-10,summarization,upgrade,20
2026-08-20,summarization,upgrade,14
2026-08-20,chatbot,upgrade,66
2026-10-09,chat,resolved,250
"""
PLANS: Final = """\
feature,expected_input_tokens,expected_output_tokens
agent,1000,
brief,2000,
"""
# $200k, illustrative and nobody's disclosure: day of August, dollars and users
SPLIT: Final = {
    "summarization": (10, 82_000, 500),
    "chatbot": (11, 71_000, 900),
    "experiments": (12, 47_000, 199),
}


def tiers() -> Iterator[dict[str, Any]]:
    """Three requests of a free tier for each of a paying one, of 4,000 tokens."""
    for number in range(4):
        known = {"tier": "free", "plan": ("api", "web")[number % 2], "who": "buyer-1"}
        known["who"] = "power" if number else "buyer-1"
        known = {"tier": "pro", "plan": "monthly"} if number == 3 else known
        yield call("2026-10-10T10:00:00Z", "gpt-4o", 4000, feature_tag="draw", **known)


def chatting() -> Iterator[dict[str, Any]]:
    """800 tokens in and 200 out are $0.004: 1,000 answers for 200 users in 500 sessions."""
    for number in range(1000):
        who = {"who": f"u{number % 200}", "session_id": f"s{number % 500}"}
        at = f"2026-10-09T{number % 20:02}:00:00Z"
        yield call(at, "gpt-4o", 800, 200, feature_tag="chat", latency=(number + 1) * 2, **who)


def retried() -> Iterator[dict[str, Any]]:
    """20,000 tokens are $0.05, of an answer that was lost on its way and of the one after it."""
    for number, status in enumerate(("500", "ok"), start=1):
        known = {"request_id": "mail", "attempt": number, "status": status}
        at = f"2026-10-07T10:00:0{number}Z"
        yield call(at, "gpt-4o", 20_000, feature_tag="mail", **known)


def embedded() -> Iterator[dict[str, Any]]:
    """100 calls of 27 documents."""
    for number in range(100):
        known = {"feature_tag": "index", "hash": f"h{number % 27}"}
        yield call(f"2026-10-06T10:{number % 60:02}:00Z", EMBEDDING, 1000, **known)


def bloated() -> Iterator[dict[str, Any]]:
    """Replit: a plan of 1,000 tokens and 18,000 of them; twice a plan is not above it."""
    for _ in range(5):
        yield call("2026-10-05T10:00:00Z", "gpt-4o", 18_000, feature_tag="agent")
    yield call("2026-10-05T10:00:00Z", "gpt-4o", 4000, feature_tag="brief")


def contexts() -> Iterator[dict[str, Any]]:
    for number in range(1, 101):
        at = f"2026-10-04T10:{number % 60:02}:00Z"
        yield call(at, "gpt-4o", number * 1000, feature_tag="context")


def split() -> Iterator[dict[str, Any]]:
    for feature, (day, _, users) in SPLIT.items():
        for number in range(users):
            at = f"2026-08-{day}T10:00:00Z"
            yield call(at, "gpt-4o", 1000, feature_tag=feature, who=f"u{number}")


def before_and_after() -> Iterator[dict[str, Any]]:
    """Ten requests a day, all on the premium model; from 8 September on nine of them are not."""
    for day in range(1, 15):
        for number in range(10):
            model = "gpt-4o-mini" if day >= 8 and number else "gpt-4o"
            yield call(f"2026-09-{day:02}T10:00:00Z", model, 1000, feature_tag="expenses")


def bill() -> Iterator[Any]:
    yield line("2026-10-10", INPUT, "4000000", 16_000)
    yield line("2026-10-09", INPUT, "2.00", 800_000)
    yield line("2026-10-09", OUTPUT, "2.00", 200_000)
    yield line("2026-10-07", INPUT, "0.10", 40_000)
    yield line("2026-10-05", INPUT, "0.235", 94_000)
    yield line("2026-10-04", INPUT, "12.625", 5_050_000)
    for day, dollars, users in SPLIT.values():
        yield line(f"2026-08-{day}", INPUT, f"{dollars}", users * 1000)
    for day in range(1, 15):
        premium = 10 if day < 8 else 1
        yield line(f"2026-09-{day:02}", INPUT, f"{Decimal('0.018') * premium}", premium * 1000)
        if day >= 8:
            yield line(f"2026-09-{day:02}", MINI, "0.013", 9000)


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    calls = [*tiers(), *chatting(), *retried(), *embedded(), *bloated(), *contexts()]
    calls += [*split(), *before_and_after()]
    files = {
        "logs/proxy.jsonl": log({"provider": "openai", **each} for each in calls),
        "reference/revenue.csv": REVENUE,
        "reference/customers.csv": CUSTOMERS,
        "reference/outcomes.csv": OUTCOMES,
        "reference/feature_plans.csv": PLANS,
        "openai/costs.json": costs(*bill()),
    }
    folder: Path = tmp_path_factory.mktemp("units")
    more = "      latency_ms: latency\n      input_hash: hash\n      customer_id: who\n"
    settings = SETTINGS.replace("    columns:\n", f"    columns:\n{more}")
    return Company(project, write_company(folder, files, settings))


def units(company: Company, columns: str, feature: str) -> list[tuple[Any, ...]]:
    return company.query(
        f"select {columns} from mart_unit_cost_daily where feature = '{feature}' order by 1"
    )


def test_a_free_tier_has_cost_and_no_revenue(company: Company) -> None:
    """1.1 Helicone, 4.2 Stability: $3 M of a free API, revenue 0 and a margin below it; $8 M of
    the paying tier.
    """
    assert company.query(
        "select tier, plan, requests, active_users, billed_cost, revenue, margin, margin_percent,"
        " cost_basis from mart_tier_margin_monthly where tier in ('free', 'pro') order by tier"
    ) == [
        ("free", "__any__", 3, 2_000_000, 3_000_000, 0, -3_000_000, None, "billed"),
        ("pro", "monthly", 1, None, 1_000_000, 8_000_000, 7_000_000, Decimal("87.5"), "billed"),
    ]


def test_power_users_who_never_convert(company: Company) -> None:
    """5.1: one of two free users has two thirds of $3 M and never converts; the other has."""
    assert company.query(
        "select users, converted_users, total_cost, top_users, top_converted_users,"
        " top_share_percent, top_cost, unconverted_cost, cost_per_conversion, revenue"
        " from mart_free_tier_viability where tier = 'free'"
    ) == [(2, 1, 3_000_000, 1, 0, Decimal("66.66"), 2_000_000, 2_000_000, 3_000_000, 0)]


def test_cost_per_request_session_user_and_answer(company: Company) -> None:
    """2.1: $0.004 a request, x 1 M = $4,000.00; 2.4: beside latency and errors, per outcome."""
    [(request, answer, session, user, run)] = units(
        company,
        "cost_per_request, cost_per_response, cost_per_session, cost_per_user, cost_per_run",
        "chat",
    )
    assert request == answer == Decimal("0.004") and request * 1_000_000 == Decimal("4000.00")
    assert (session, user, run) == (Decimal("0.008"), Decimal("0.02"), None)
    assert units(
        company, "requests, sessions, users, error_percent, latency_p50_ms, latency_p95_ms", "chat"
    ) == [(1000, 500, 200, 0, 1000, 1900)]
    assert company.query(
        "select outcome, outcomes, cost_per_outcome, latency_p95_ms from mart_outcome_cost_daily"
        " where feature = 'chat'"
    ) == [("resolved", 250, Decimal("0.016"), 1900)]


def test_retries_are_half_of_the_cost(company: Company) -> None:
    """2.2: $0.10 in all, of which $0.05 is waste; half of the requests were not answered."""
    assert company.query(
        "select waste_kind, wasted_requests, wasted_cost, contracted_cost from mart_waste_daily"
        " where feature = 'mail'"
    ) == [("failed", 1, Decimal("0.05"), Decimal("0.10"))]
    assert units(company, "total_cost, error_percent, cost_per_response", "mail") == [
        (Decimal("0.10"), 50, Decimal("0.10"))
    ]


def test_embeddings_that_were_there(company: Company) -> None:
    """2.2: 100 calls, 27 distinct inputs: 73 % are redundant."""
    assert company.query(
        "select waste_kind, wasted_requests, requests, hashed_requests, wasted_percent,"
        " wasted_cost * 100 = contracted_cost * 73 from mart_waste_daily where feature = 'index'"
    ) == [("duplicated", 73, 100, 100, 73, True)]


def test_a_prompt_of_eighteen_times_its_plan(company: Company) -> None:
    """2.2 Replit: plan 1,000, actual 18,000: ratio 18.0, told above 2.0; $0.225, of which 17/18
    are beyond the plan.
    """
    assert units(company, "input_ratio, output_ratio, input_cost_beyond_plan", "agent") == [
        (18, None, Decimal("0.2125"))
    ]
    assert units(company, "input_ratio", "brief") == [(2,)]
    [told] = beyond_plan(company.connection, "USD")
    assert told.startswith(
        "agent: prompts have 18.0 times the tokens of feature_plans.csv on 1 day"
    )
    assert "(18,000 a request, 1,000 planned), 0.21 USD beyond it by contract" in told


def test_sizes_of_contexts(company: Company) -> None:
    """2.1: 1,000 to 100,000 tokens: the one of 100,000 is flagged."""
    columns = "input_tokens_p50, input_tokens_p95, input_tokens_max, long_requests"
    assert units(company, columns, "context") == [(50_000, 95_000, 100_000, 1)]


def test_the_split_and_its_upgrades(company: Company) -> None:
    """5.1, 2.4, illustrative (T8): 82 + 71 + 47 = 200, 41.0, 35.5 and 23.5 %, of $82,000 an
    upgrade each for 34 % of them, experiments at more than $235 a user.
    """
    rows = company.query(
        "select feature, total_cost, cost_share_percent, users, outcome, outcomes,"
        " outcome_share_percent, cost_per_outcome, cost_per_user from mart_outcome_cost_monthly"
        " where showback_month = date '2026-08-01' order by total_cost desc"
    )
    assert [row[:-1] for row in rows] == [
        ("summarization", 82_000, 41, 500, "upgrade", 34, 34, Decimal("2411.764705882352")),
        ("chatbot", 71_000, Decimal("35.5"), 900, "upgrade", 66, 66, Decimal("1075.757575757575")),
        ("experiments", 47_000, Decimal("23.5"), 199, "__none__", None, None, None),
    ]
    assert rows[-1][-1] > 235


def test_unit_cost_changes_on_a_day(company: Company) -> None:
    """5.2 Brex, T11: $0.018 to $0.0031 a request, -82.8 %, on 8 September, from gpt-4o."""
    columns = (
        "usage_date, baseline_model, main_model, baseline_cost_per_request,"
        " changed_cost_per_request, change_percent"
    )
    changed = company.query(f"select {columns} from mart_unit_cost_daily where is_change_point")
    [(day, before, after, baseline, now, percent)] = changed
    assert (day, before, after) == (date(2026, 9, 8), "gpt-4o", "gpt-4o-mini")
    assert (baseline, now, round(percent, 1)) == (
        Decimal("0.018"),
        Decimal("0.0031"),
        Decimal("-82.8"),
    )
