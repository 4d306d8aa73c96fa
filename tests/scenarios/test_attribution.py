"""Scenarios 5.1 and 1.2: one bill, six owner dimensions, two calendars, and no text of a prompt."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from companies import SETTINGS, Company, call, costs, line, log, write_company

from ingestion.contracts import TABLES
from tests.pipeline.compiled_project import CompiledProject

INPUT = "gpt-4o-2024-08-06, input"
SPLIT = {
    "chatbot": Decimal(71_000),
    "experiments": Decimal(47_000),
    "summarization": Decimal(82_000),
}
NIGHT = Decimal("12.34")
BOTH = SETTINGS + (
    "  - {name: anthropic, format: anthropic, account: org-a, location: anthropic}\n"
)
COARSE, FINE = "workspace_id,description", "workspace_id,description,inference_geo"
# cents; a tenth of one is money too
CENTS = {None: "123.78912", "us": "0.1", "eu": "-0.00001"}


def calls() -> Iterator[dict[str, Any]]:
    """A token is a dollar. Tier, team, environment, plan and model cut across features."""
    for number in range(1000):
        owners = {
            "tier": ("free", "pro", "enterprise")[number % 3],
            "team": ("growth", "support")[number % 2],
            "env": ("prod", "dev")[number % 5 == 0],
            "plan": ("monthly", "yearly", "seat", None)[number % 4],
        }
        at = f"2026-10-{5 + number % 3:02}T{number % 24:02}:00:00Z"
        for feature, tokens in (("summarization", 82), ("chatbot", 71)):
            yield call(at, "gpt-4o", tokens, feature_tag=feature, who=f"u{number}", **owners)
        if number < 199:
            tokens = 236 if number else 47_000 - 198 * 236
            who = {"who": f"lab{number}", **owners}
            yield call(at, "gpt-4o", tokens, feature_tag="experiments", **who)
    yield call("2026-09-30T23:30:00Z", "gpt-4o", 1234, feature_tag="nightly", team="growth")


def bill() -> str:
    days = [
        sum(each["input_token_count"] for each in calls() if f"-10-{day:02}T" in each["timestamp"])
        for day in (5, 6, 7)
    ]
    assert sum(days) == 200_000
    october = [
        line(f"2026-10-{day:02}", INPUT, str(tokens), tokens)
        for day, tokens in zip((5, 6, 7), days, strict=True)
    ]
    return costs(line("2026-09-30", INPUT, str(NIGHT), 1234), *october)


def cost_report(grouping: str) -> str:
    """The same money, by workspace and description, or by one dimension more."""
    period = {"starting_at": "2026-10-05T00:00:00Z", "ending_at": "2026-10-06T00:00:00Z"}
    words = {"currency": "USD", "description": "Something new", "workspace_id": "w1"}
    results = (
        [{**words, "amount": str(sum(map(Decimal, CENTS.values())))}]
        if grouping == COARSE
        else [{**words, "amount": cents, "inference_geo": geo} for geo, cents in CENTS.items()]
    )
    page = {"data": [{**period, "results": results}], "has_more": False, "next_page": None}
    return json.dumps(page)


def pull(number: int, grouping: str) -> dict[str, str]:
    folder = f"anthropic/pull-{number}"
    marker = {
        "pull_id": f"pull {number}",
        "pulled_at": f"2026-10-1{number}T00:00:00Z",
        "provider": "anthropic",
        "reports": ["cost_report"],
        "complete": True,
    }
    return {f"{folder}/pull.json": json.dumps(marker), f"{folder}/1.json": cost_report(grouping)}


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    lines = log({"provider": "openai", **each} for each in calls())
    files = {"logs/proxy.jsonl": lines, "openai/costs.json": bill(), **pull(1, COARSE)}
    folder: Path = tmp_path_factory.mktemp("attribution")
    return Company(project, write_company(folder, files, BOTH))


@pytest.mark.parametrize(
    "dimension", ["feature", "tier", "team", "model", "environment", "plan", "all six"]
)
def test_six_dimensions_have_one_total(company: Company, dimension: str) -> None:
    """5.1: Σ by each of feature, tier, team, model, environment and plan: difference 0.00."""
    columns = dimension.replace("all six", "feature, tier, team, model, environment, plan")
    for relation in ("fct_cost_allocations", "fct_cost_daily"):
        rows = company.query(
            f"select {columns}, sum(billed_cost) from {relation} where provider = 'openai'"
            " group by all"
        )
        assert len(rows) > 1 or dimension == "model"
        assert sum(row[-1] for row in rows) == 200_000 + NIGHT, relation


def test_the_split_of_200_thousand(company: Company) -> None:
    """5.1, illustrative, nobody's disclosure (T8): 82 + 71 + 47 = 200: 41.0, 35.5 and 23.5 %."""
    october = "where billing_month = date '2026-10-01' and provider = 'openai'"
    found = dict(
        company.query(
            f"select feature, sum(billed_cost) from fct_cost_allocations {october} group by 1"
        )
    )
    assert found == SPLIT and sum(found.values()) == 200_000
    shares = {feature: cost * 100 / 200_000 for feature, cost in found.items()}
    assert shares == {
        "summarization": Decimal("41.0"),
        "chatbot": Decimal("35.5"),
        "experiments": Decimal("23.5"),
    }
    [(cost, users)] = company.query(
        "select sum(billed_cost), count(distinct customer_id) from fct_request_costs"
        " join fct_requests using (request_key) where feature = 'experiments'"
    )
    assert users < 200 and cost / users > 235


def test_half_past_eleven_in_the_night_is_in_both_calendars(company: Company) -> None:
    """5.1: 23:30Z of 30 September is billed in September and shown in Berlin's October."""
    assert company.query(
        "select billing_month, usage_date, showback_date, billed_cost from fct_cost_allocations"
        " where feature = 'nightly'"
    ) == [(date(2026, 9, 1), date(2026, 9, 30), date(2026, 10, 1), NIGHT)]
    assert company.query(
        "select billing_month, total_cost from mart_chargeback_monthly where team = 'growth'"
        " and billing_month = date '2026-09-01'"
    ) == [(date(2026, 9, 1), NIGHT)]
    assert company.query(
        "select showback_month, line_kind, sum(billed_cost) from mart_showback_monthly"
        " where feature = 'nightly' or line_kind = 'calendar' group by all order by all"
    ) == [
        (date(2026, 9, 1), "calendar", NIGHT),
        (date(2026, 10, 1), "calendar", -NIGHT),
        (date(2026, 10, 1), "owner", NIGHT),
    ]


def test_two_pulls_by_other_dimensions_have_one_total(company: Company) -> None:
    """1.2 Anthropic: cents / 100 is exact, and one dimension more neither adds nor doubles."""
    exact = Decimal("1.2388911")
    billed = "select count(*), sum(billed_cost) from fct_charges where provider = 'anthropic'"
    assert company.query(billed) == [(1, exact)]
    write_company(company.folder, pull(2, FINE), BOTH)
    company.build()
    assert company.query(billed) == [(3, exact)]


def test_no_column_holds_the_text_of_a_prompt(company: Company) -> None:
    """5.1: contracts of what lands, and every table and view of the warehouse."""
    landed = {field.name for schema in TABLES.values() for field in schema}
    built = {
        name
        for (name,) in company.query(
            "select distinct column_name from information_schema.columns where table_schema in"
            " ('landing', 'staging', 'intermediate', 'main')"
        )
    }
    assert built > landed
    words = ("prompt", "message", "completion", "answer", "content", "body", "text", "question")
    assert {name for name in built if any(word in name for word in words)} <= {
        # versions, a hash, what the size of a prompt decides, how reading of a source ended, and
        # whether a request was answered
        *("prompt_version", "split_prompt_version", "content_hash", "message", "is_answered"),
        *("context_band", "context_above", "context_up_to", "context_quantity", "contexts"),
        *("context_band_pico", "x_ContextBand"),
    }
    # verbatim are the usage object and the line of the bill
    assert {name for name in landed if "raw" in name} == {"raw_usage", "raw_row"}
