"""Budgets and limits: what is used of them, when each was reached, which stand where.

One company: a token of `unit` is a dollar, so what is used is told by its tokens.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

import pytest

from ingestion.workspace.settings import Workspace
from orchestration.checks.controls import controls
from orchestration.exports.limits.allowances import allowances
from orchestration.exports.limits.budgets import budgets
from orchestration.exports.limits.written import limits_said
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import (
    ZONE,
    Company,
    OwnCompany,
    call,
    costs,
    line,
    log,
    write_company,
)

Compiled = Callable[[Workspace], CompiledProject]
SETTINGS: Final = f"""\
company: Budgets
timezone: {ZONE}
business_hours: {{days: [mon, tue, wed, thu, fri], from: "09:00", to: "18:00"}}
gateways:
  - name: proxy
    format: generic
    location: logs/proxy
    columns:
      gateway_key_alias: key
      user_id: user
      customer_id: customer
      gateway_key_id: key_id
      deployment_id: deployment
      sub_account_hint: project
      http_status: http_status
      error_class: error_class
      tag:env: env
      images: images
      audio_seconds: seconds
      web_searches: searches
  - {{name: llm, format: litellm, location: logs/llm}}
bills:
  - {{name: openai, format: openai, account: org-o, location: openai}}
"""
PRICES: Final = """\
provider,model,meter,unit_price_per_million
openai,unit,input,1000000
"""
CAPACITY: Final = """\
pool,supply,monthly_cost,capacity,capacity_unit,owner,deployments
gpu,self_hosted,744,3600,gpu_seconds,ml,llama-*
"""
# the legal SaaS twice: 80/120 of what it is granted, and of what leaves the limit within it
BUDGETS: Final = """\
scope,scope_id,unit,expected,budget,soft_percent,hard_percent,environment,valid_from,valid_to
team,legal,usd,15000,15000,,,,,
feature,contracts,usd,12500,15000,,,,,
user,*,usd,7.50,7.50,,100,,,
user,ada,usd,10,,,,,,
customer,acme,requests,5,,,,,,
customer,globex,usd,10,,,,,,
tier,gold,usd,10000,,,,,,
credential,k-loop,usd,50,50,60,100,,,
team,ml,gpu_seconds,1000,,,,,,
credential,k-a,usd,10,,50,none,prod,,
credential,k-b,usd,25,,,,,,
credential,k-dev,usd,8000,10000,,,dev,,
sub_account,p,usd,800,,,,,,
team,labs,usd,5,,,,,,
company,,requests,10,,,,,,
"""
ANSWERS: Final = {
    "llm/key_list.json": {
        "keys": [
            {"token": "hash-a", "key_alias": "k-a", "max_budget": None, "soft_budget": 5.0},
            {"token": "hash-b", "key_alias": "k-b", "max_budget": 30, "budget_duration": "1mo"},
            {"token": "hash-c", "key_alias": "k-c", "litellm_budget_table": {"soft_budget": 3}},
        ],
        "total_count": 3,
    },
    "llm/team_list.json": [
        {"team_id": "legal", "max_budget": 18000.0, "budget_duration": "1mo"},
        {"team_id": "labs", "max_budget": 6.0, "budget_duration": "1d"},
    ],
    "openai/projects/p/spend_limit.json": {
        "object": "project.spend_limit",
        "currency": "USD",
        "interval": "month",
        "threshold_amount": 100000,
    },
    "openai/projects/p/spend_alerts.json": {
        "object": "list",
        "data": [{"object": "project.spend_alert", "threshold_amount": 64000}],
    },
}


def calls() -> Iterator[dict[str, Any]]:
    legal: dict[str, Any] = {
        "team": "legal",
        "feature_tag": "contracts",
        "tier": "gold",
        "key": "k-legal",
        "provider": "openai",
    }
    for day in range(1, 17):
        yield call(f"2026-10-{day:02}T12:30:00Z", "unit", 1000, env="prod", **legal)
    for at, why in (
        ("2026-10-10T02:00:00Z", "insufficient_quota"),
        ("2026-10-10T02:01:00Z", "insufficient_quota"),
        ("2026-10-12T10:00:00Z", "rate_limit_exceeded"),
    ):
        failed: dict[str, Any] = {"status": "failure", "http_status": 429, "error_class": why}
        yield call(at, "unit", 0, env="prod", **legal, **failed)
    # 2.1 million tokens of output in 90 minutes
    loop: dict[str, Any] = {"team": "agents", "feature_tag": "loop", "key": "k-loop", "env": "dev"}
    for minute in range(90):
        at = f"2026-10-20T{minute // 60:02}:{minute % 60:02}:00Z"
        yield call(at, "gpt-4-32k", 0, 2_100_000 // 90, **loop)
    yield call("2026-10-20T01:29:59Z", "gpt-4-32k", 0, 2_100_000 % 90, **loop)
    # two keys of one cell, whose day is billed
    shared: dict[str, Any] = {
        "team": "search",
        "feature_tag": "find",
        "env": "prod",
        "project": "p",
    }
    for key, tokens in (("k-a", 10), ("k-b", 20)):
        at = "2026-10-18T09:00:00Z"
        yield call(at, "gpt-4o-2024-08-06", tokens, key=key, key_id=f"hash-{key[-1]}", **shared)
    yield call("2026-10-04T09:00:00Z", "nobody-knows-it", 5, team="labs", feature_tag="new")
    for at, user, tokens in (
        ("2026-10-07T08:10:00Z", "ada", 4),
        ("2026-10-07T09:10:00Z", "ada", 6),
        ("2026-10-07T09:20:00Z", "bob", 9),
    ):
        yield call(at, "unit", tokens, user=user, provider="openai", team="people")
    yield call("2026-10-07T10:00:00Z", "unit", 1, customer="acme", provider="openai", team="people")
    yield from of_persons_without_a_price()
    for at in ("2026-10-06T08:00:00Z", "2026-10-06T09:00:00Z"):
        pooled: dict[str, Any] = {
            "deployment": "llama-1",
            "provider": "hosted_vllm",
            "latency": 600_000,
        }
        yield call(at, "llama-3", 100, team="ML", feature_tag="tune", **pooled)


def of_persons_without_a_price() -> Iterator[dict[str, Any]]:
    """`unit` has a price of its tokens of input alone."""
    asked = partial(call, provider="openai", team="people", customer="globex")
    yield asked("2026-10-08T08:10:00Z", "draws", 0, user="cleo", images=3)
    yield asked("2026-10-08T09:10:00Z", "hears", 0, user="dan", seconds=40)
    yield asked("2026-10-08T09:20:00Z", "unit", 0, user="dan", searches=2)
    yield asked("2026-10-08T10:10:00Z", "unit", 4, 100, user="eve", images=2)
    yield asked("2026-10-08T10:20:00Z", "unit", 1, user="eve")


def company_files() -> dict[str, str]:
    return {
        "logs/proxy/requests.jsonl": log(calls()),
        "logs/llm/none.jsonl": "",
        "openai/costs.json": costs(line("2026-10-18", "gpt-4o-2024-08-06, input", "30.00", 30)),
        "reference/prices.csv": PRICES,
        "reference/capacity.csv": CAPACITY,
        "reference/budgets.csv": BUDGETS,
        "reference/teams.csv": "team_id,owner_email\nsearch,ada@example.org\nlegal,\nml,\nlabs,\n",
        **{f"reference/limits/{name}": json.dumps(said) for name, said in ANSWERS.items()},
    }


@pytest.fixture(scope="module")
def company(compiled: Compiled, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Its business hours are in the SQL."""
    folder = tmp_path_factory.mktemp("budgets") / "company"
    return OwnCompany(compiled, write_company(folder, company_files(), SETTINGS))


def latest(company: Company, scope: str, columns: str) -> tuple[Any, ...]:
    [row] = company.query(
        f"select {columns} from mart_budget_status_hourly where is_latest"
        f" and concat_ws(':', scope, scope_id) = '{scope}'"
    )
    return row


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-10-{text}")


def test_scenario_4_1_the_legal_saas_in_both_readings(company: Company) -> None:
    amounts = "expected, budget, soft_limit, hard_limit, hard_above_budget, used"
    assert latest(company, "team:legal", amounts) == (15000, 15000, 12000, 18000, 3000, 16000)
    assert latest(company, "feature:contracts", amounts) == (
        *(12500, 15000, 10000, 15000, 0, 16000),
    )
    moments = "soft_crossed_at, budget_crossed_at, hard_crossed_at, degrade_stage"
    assert latest(company, "team:legal", moments) == (
        *(at("12 13:00"), at("15 13:00"), None, "cache_only"),
    )
    assert latest(company, "feature:contracts", moments) == (
        *(at("10 13:00"), at("15 13:00"), at("15 13:00"), "queue"),
    )


def test_scenario_4_1_soft_and_hard_are_of_what_is_expected(company: Company) -> None:
    """10,000 expected is 8,000 and 12,000, each with the moment of its crossing."""
    columns = "expected, soft_limit, hard_limit, soft_crossed_at, hard_crossed_at"
    assert latest(company, "tier:gold", columns) == (
        *(10000, 8000, 12000, at("08 13:00"), at("12 13:00")),
    )


def test_scenario_t2_a_hard_limit_is_of_expected_and_never_of_the_budget(company: Company) -> None:
    """120 % of a budget of 15,000 lets 3,000 over it: both stand, and the excess."""
    assert company.query(
        "select scope, expected, budget, hard_limit, hard_above_budget from dim_budgets"
        " where budget = 15000 order by scope"
    ) == [("feature", 12500, 15000, 15000, 0), ("team", 15000, 15000, 18000, 3000)]


def test_scenario_4_1_a_user_of_the_legal_saas_has_seven_dollars_and_a_half(
    company: Company,
) -> None:
    """15,000 of 2,000 users."""
    [(expected, hard)] = company.query(
        "select expected, hard_limit from dim_budgets where scope_id = '*'"
    )
    assert (expected, hard, expected * 2000) == (Decimal("7.5"), Decimal("7.5"), 15000)
    commands, count, left_out = allowances(budgets(company.connection))
    assert (commands.decode(), count, left_out) == (
        "HSET tollbook:allowance:customer:acme expected:requests 5.00 soft:requests 4.00"
        " hard:requests 6.00\n"
        "HSET tollbook:allowance:customer:globex expected:usd 10.00 soft:usd 8.00"
        " hard:usd 12.00\n"
        "HSET tollbook:allowance:user:* expected:usd 7.50 budget:usd 7.50 soft:usd 6.00"
        " hard:usd 7.50\n"
        "HSET tollbook:allowance:user:ada expected:usd 10.00 soft:usd 8.00 hard:usd 12.00\n",
        *(4, 0),
    )


def test_scenario_4_1_no_refusal_for_money_in_business_hours_of_production(
    company: Company,
) -> None:
    """Two at four in the morning in Berlin; the one at noon is of too many a minute."""
    by_hour = company.query(
        "select hour(usage_hour at time zone 'UTC' at time zone 'Europe/Berlin'), blocked_requests,"
        " billing_blocked_requests from mart_budget_status_hourly"
        " where blocked_requests > 0 and budget_id = 'team:legal:usd' order by usage_hour"
    )
    assert by_hour == [(4, 2, 2), (12, 1, 0)]
    assert company.query(
        "select is_business_hour, sum(blocked_requests), sum(business_blocked_requests)"
        " from mart_budget_status_hourly where blocked_requests > 0 and scope = 'team' group by all"
        " order by 1"
    ) == [(False, 2, 0), (True, 1, 0)]


def test_scenario_1_2_refused_requests_cost_nothing_and_are_counted(company: Company) -> None:
    assert company.query(
        "select sum(blocked_requests), sum(amount) from mart_budget_status_hourly"
        " where budget_id = 'team:legal:usd' and blocked_requests > 0"
    ) == [(3, 0)]


def test_scenario_4_1_the_stages_that_keep_errors_from_customers(company: Company) -> None:
    rows = company.query(
        "select degrade_stage, min(used), max(used) from mart_budget_status_hourly"
        " where budget_id = 'feature:contracts:usd' group by all order by 2"
    )
    assert rows == [
        ("normal", 1000, 9000),
        ("cheaper_model", 10000, 12000),
        # of Thursday at 14:00 in Berlin: whoever waits for an answer is not queued
        ("cache_only", 13000, 16000),
        ("queue", 16000, 16000),
    ]
    [budget] = [each for each in budgets(company.connection) if each.scope == "feature"]
    assert budget.said()["degrade_from"] == {
        "cheaper_model": 10000,
        "cache_only": 12500,
        "queue": 15000,
    }


def test_scenario_4_1_five_layers(company: Company) -> None:
    assert company.query("select control_layer, layer_name, latency from dim_control_layers") == [
        (1, "application and user", "instant"),
        (2, "key", "real time"),
        (3, "workspace or project", "real time"),
        (4, "cloud alert", "minutes"),
        (5, "invoice review", "30 days"),
    ]
    layers = company.query(
        "select control_layer, list(distinct scope order by scope) from dim_budgets group by 1"
    )
    assert dict(layers) == {
        1: ["customer", "feature", "tier", "user"],
        2: ["credential", "team"],
        3: ["sub_account"],
        5: ["company"],
    }


def test_scenario_4_1_the_loop_of_252_dollars_against_its_limits(company: Company) -> None:
    """The cap of 30 dollars after 10.71 minutes, the alert of 50 after 17.86."""
    columns = "used, soft_crossed_at, hard_crossed_at"
    used, soft, hard = latest(company, "credential:k-loop", columns)
    start = at("20 00:00")
    assert used == Decimal("252")
    assert [round((moment - start).total_seconds() / 60, 2) for moment in (soft, hard)] == [
        *(10.71, 17.86),
    ]


def test_scenario_3_a_budget_of_a_thousand_gpu_seconds(company: Company) -> None:
    """Two requests of 600 seconds each: 1,000 are used up two thirds into the second's hour."""
    columns = "unit, expected, used, soft_crossed_at, hard_crossed_at, exhausted_at"
    assert latest(company, "team:ml", columns) == (
        *("gpu_seconds", 1000, 1200),
        *(at("06 09:20"), at("06 10:00"), at("06 10:00")),
    )


def test_when_a_budget_will_be_used_up_and_why(company: Company) -> None:
    """A thousand a day: after ten days 5,000 are left of 15,000, which are five days."""
    [row] = company.query(
        "select exhausted_at, exhausted_earliest, exhausted_latest, projected_month_end from"
        " mart_budget_status_hourly where budget_id = 'feature:contracts:usd'"
        " and usage_hour = '2026-10-10 12:00'"
    )
    # 515 hours are left of the month
    assert row[:3] == (at("15 13:00"),) * 3
    assert row[3].quantize(Decimal("0.01")) == Decimal("31458.33")
    columns = "usage_hour, cause_feature, cause_model, projected_month_end"
    # use ended on the 16th, requests on the 20th
    end = latest(company, "feature:contracts", columns)
    assert end[:3] == (at("20 01:00"), "contracts", "unit")


def test_two_keys_of_one_cell_have_their_part_of_the_bill(company: Company) -> None:
    used: dict[str, Decimal] = dict(
        company.query(
            "select scope_id, used from mart_budget_status_hourly where scope = 'credential'"
            " and usage_hour = '2026-10-18 09:00'"
        )
    )
    assert used == {"k-a": 10, "k-b": 20}


def test_scenario_4_1_a_user_is_measured_by_hour_at_what_its_requests_cost(
    company: Company,
) -> None:
    """Ada has a line of her own, all others everybody's; a log that names a customer alone means it
    as its user."""
    assert company.query(
        "select budget_id, scope_id, usage_hour, used, hard_limit, hard_crossed_at, degrade_stage"
        " from mart_budget_status_hourly where scope = 'user' and amount > 0 order by 1, 3"
    ) == [
        ("user:acme:usd", "acme", at("07 10:00"), 1, Decimal("7.5"), None, "normal"),
        ("user:ada:usd", "ada", at("07 08:00"), 4, 12, None, "normal"),
        ("user:ada:usd", "ada", at("07 09:00"), 10, 12, None, "cache_only"),
        ("user:bob:usd", "bob", at("07 09:00"), 9, Decimal("7.5"), at("07 09:50"), "cache_only"),
        ("user:eve:usd", "eve", at("08 10:00"), 5, Decimal("7.5"), None, "normal"),
    ]
    assert company.query(
        "select scope_id, used, requests from mart_budget_status_hourly"
        " where budget_id = 'customer:acme:requests' and requests > 0"
    ) == [("acme", 1, 1)]


def test_an_unknown_price_is_counted_and_no_zero(company: Company) -> None:
    assert company.query(
        "select amount, used, unpriced_quantity from mart_budget_status_hourly"
        " where budget_id = 'team:labs:usd' and requests > 0"
    ) == [(None, 0, 5)]


def test_a_person_s_use_without_a_price_is_counted_by_whatever_its_meters_count(
    company: Company,
) -> None:
    """Of a request with a meter that has no price the others are money all the same."""
    assert company.query(
        "select scope_id, usage_hour, amount, used, unpriced_quantity"
        " from mart_budget_status_hourly where scope = 'user' and unpriced_quantity > 0"
        " and requests > 0 order by 1, 2"
    ) == [
        ("cleo", at("08 08:00"), None, 0, 3),
        ("dan", at("08 09:00"), None, 0, 42),
        ("eve", at("08 10:00"), 5, 5, 102),
    ]
    assert company.query(
        "select usage_hour, amount, used, unpriced_quantity from mart_budget_status_hourly"
        " where scope_id = 'globex' and requests > 0 order by 1"
    ) == [
        (at("08 08:00"), None, 0, 3),
        (at("08 09:00"), None, 0, 45),
        (at("08 10:00"), 5, 5, 147),
    ]


def test_scenario_4_1_an_alert_is_no_cap_and_a_key_of_development_is_small(
    company: Company,
) -> None:
    found = controls(company.connection, "USD")
    assert {
        name: said.partition(": give")[0].partition(": lower")[0] for name, said in found.items()
    } == {
        "keys_have_hard_limits": "keys and projects with a warning and no limit, which nothing"
        " stops: credential k-a; credential k-c",
        "development_keys_are_small": "keys of development that may spend more than 50 a month:"
        " credential k-dev (9,600.00 USD)",
        "limits_stand": "limits of budgets.csv that do not stand where limits were read:"
        " credential k-dev (9,600.00 USD); credential k-loop (50.00 USD);"
        " sub_account p (960.00 USD, 1,000.00 USD stands); team labs (6.00 USD):"
        " send what exports/limits.json has for them, and save the answers again",
        "limits_are_known": "",
        "nobody_is_refused_in_business_hours": "",
    }


def test_scenario_1_1_each_layer_has_its_limits_on_file(company: Company) -> None:
    """Bodies as LiteLLM and OpenAI take them, allowances as Redis does; nothing is left unsaid."""
    said = limits_said(budgets(company.connection), None, "USD")
    bodies = {(call["path"], call["budget_id"]): call["body"] for call in said["litellm"]}
    assert bodies == {
        ("/key/update", "credential:k-a:usd:prod"): {
            "key": "hash-a",
            "soft_budget": 5,
            "budget_duration": "1mo",
        },
        ("/key/update", "credential:k-b:usd"): {
            "key": "hash-b",
            "max_budget": 30,
            "soft_budget": 20,
            "budget_duration": "1mo",
        },
        ("/team/update", "team:labs:usd"): {
            "team_id": "labs",
            "max_budget": 6,
            "soft_budget": 4,
            "budget_duration": "1mo",
        },
        ("/team/update", "team:legal:usd"): {
            "team_id": "legal",
            "max_budget": 18000,
            "soft_budget": 12000,
            "budget_duration": "1mo",
        },
        ("/budget/new", "user:*:usd"): {
            "budget_id": "tollbook-user",
            "max_budget": Decimal("7.5"),
            "soft_budget": 6,
            "budget_duration": "1mo",
        },
    }
    month = {"currency": "USD", "interval": "month"}
    assert [(call["path"], call["body"]) for call in said["openai"]] == [
        ("/organization/projects/p/spend_limit", {**month, "threshold_amount": 96000}),
        (
            "/organization/projects/p/spend_alerts",
            {
                **month,
                "threshold_amount": 64000,
                "notification_channel": {"type": "email", "recipients": ["ada@example.org"]},
            },
        ),
    ]
    assert {each["budget_id"]: each["why"] for each in said["not_sent"]}.keys() == {
        *("company:all:requests", "credential:k-dev:usd:dev", "credential:k-loop:usd"),
        *("feature:contracts:usd", "team:ml:gpu_seconds", "tier:gold:usd", "user:ada:usd"),
        *("customer:acme:requests", "customer:globex:usd"),
    }
