"""What a request asks for is not what it is billed as: tier, speed and context band."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.field.countable_bills import (
    anthropic_cost,
    anthropic_page,
    anthropic_usage,
    billed,
    costs,
)
from tests.field.litellm_calls import logged, rows
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, write_company

SETTINGS = """\
company: Asked
timezone: Europe/Berlin
gateways:
  - {name: gw, format: litellm, location: logs/gw}
  - name: own
    format: generic
    location: logs/own
    columns: {credential_hint: key, service_tier: tier_served, speed: speed, region: region}
bills:
  - {name: openai, format: openai, account: org-x, location: bills/openai}
  - {name: anthropic, format: anthropic, account: org-y, location: bills/anthropic}
"""
DEPLOYMENTS = """\
gateway,deployment_id,provider,billing_account,sub_account,provider_credential_id,region
gw,dep-1,openai,org-x,p,key,
gw,a,anthropic,org-y,,apikey_a,
gw,b,anthropic,org-y,,apikey_b,
"""
REDACTED = {"text": "redacted-by-litellm"}
# what stands in the record -> the tier that lands
TOLD: dict[str, tuple[dict[str, Any], str | None]] = {
    "asked": ({"model_parameters": {"service_tier": "priority"}}, None),
    "asked_flex": ({"model_parameters": {"service_tier": "flex"}, "response": None}, None),
    "asked_auto": ({"model_parameters": {"service_tier": "auto"}}, None),
    "priced_by_litellm": ({"cost_breakdown": {"service_tier": "priority"}}, None),
    "served_auto": ({"response": {"service_tier": "auto"}}, None),
    "served_default": ({"response": {"service_tier": "Default"}}, "standard"),
    "served_other": (
        {
            "response": {"service_tier": "default"},
            "model_parameters": {"service_tier": "priority"},
            "cost_breakdown": {"service_tier": "priority"},
        },
        "standard",
    ),
    "served_flex": ({"response": {"service_tier": "flex"}}, "flex"),
    "batch": ({"call_type": "aretrieve_batch", "response": REDACTED}, "batch"),
    "used_priority": ({"usage": {"service_tier": "priority_on_demand"}}, "priority"),
    "used_fast": ({"usage": {"service_tier": "standard", "speed": "fast"}}, "fast"),
    "fast_alone": ({"usage": {"speed": "fast"}}, "fast"),
    "fast_batch": ({"usage": {"service_tier": "batch", "speed": "fast"}}, "batch"),
    "fast_asked": (
        {"usage": {"service_tier": "standard"}, "model_parameters": {"speed": "fast"}},
        None,
    ),
    "fast_refused": (
        {
            "usage": {"service_tier": "standard", "speed": "standard"},
            "model_parameters": {"speed": "fast"},
        },
        "standard",
    ),
}


def tokens(count: int, **usage: Any) -> dict[str, Any]:
    return {"prompt_tokens": count, "completion_tokens": 0, "total_tokens": count, **usage}


@pytest.mark.parametrize("name", TOLD)
def test_the_tier_is_the_one_that_was_served(name: str) -> None:
    """Trap 36: what was asked for is not what was served."""
    fields, tier = TOLD[name]
    counted = tokens(1000, **fields.get("usage", {}))
    others = {field: value for field, value in fields.items() if field != "usage"}
    record = logged(name, counted=counted, **others)
    assert [row["service_tier"] for row in rows(record)] == [tier]


def of(team: str, day: int, count: int, deployment: str = "dep-1", **fields: Any) -> dict[str, Any]:
    use = tokens(count, **fields.pop("usage", {}))
    model = "gpt-5.4" if deployment == "dep-1" else "claude-opus-4-8"
    fields |= {"model": model, "model_group": model, "model_id": deployment}
    provider = "openai" if deployment == "dep-1" else "anthropic"
    at = f"2026-10-{day:02}T10:00:00Z"
    fields |= {"request_tags": [f"team:{team}"], "custom_llm_provider": provider}
    return logged(f"{day}-{team}", at, use, **fields)


def claude(team: str, day: int, key: str, **usage: Any) -> dict[str, Any]:
    return of(team, day, 1000, key, usage={"service_tier": "standard", **usage})


def calls() -> Iterator[dict[str, Any]]:
    served = {"response": {"service_tier": "default"}}
    # 6: who knows the tier goes first; who does not takes what is left of any tier
    yield of("known", 6, 1000, **served)
    yield of("silent", 6, 1000)
    # 7: two that do not know share two tiers by what they used
    yield of("one", 7, 1000)
    yield of("other", 7, 3000)
    # 8: known standard use never takes priority money
    yield of("known", 8, 1000, **served)
    # 9: fast mode by key in both reports
    yield claude("batchers", 9, "a", speed="standard")
    yield claude("traders", 9, "b", speed="fast")
    # 10: fast mode under one key, and a batch
    yield claude("batchers", 10, "a", speed="standard")
    yield claude("traders", 10, "a", speed="fast")
    yield claude("night", 10, "a", service_tier="batch")
    # 11: a bill that does not say the speed decides for all
    yield claude("batchers", 11, "a", speed="standard")
    yield claude("traders", 11, "a", speed="fast")
    # 12: fast was asked, nobody says that it was served
    yield claude("batchers", 12, "a")
    yield claude("hopeful", 12, "a") | {"model_parameters": {"speed": "fast"}}
    # 13: long context of a model whose book has one band
    yield of("books", 13, 1000, **served) | {"model": "gpt-4o-mini", "model_group": "gpt-4o-mini"}


def claude_bill() -> Iterator[tuple[str, str]]:
    def cost(cents: str, **keys: Any) -> dict[str, Any]:
        keys = {"model": "claude-opus-4-8", "service_tier": "standard", **keys}
        token = {"token_type": "uncached_input_tokens", "context_window": "0-200k"}
        return anthropic_cost(cents, **token, **keys)

    def use(key: str, **keys: Any) -> dict[str, Any]:
        return anthropic_usage(key, "claude-opus-4-8", uncached_input_tokens=1000, **keys)

    slow, fast, batch = {"speed": "standard"}, {"speed": "fast"}, {"service_tier": "batch"}
    days = {
        9: ([cost("50", **slow), cost("100", **fast)], [use("apikey_a", **slow)]),
        10: (
            [cost("50", **slow), cost("100", **fast), cost("25", **batch)],
            [use("apikey_a", **slow), use("apikey_a", **fast), use("apikey_a", **batch)],
        ),
        11: ([cost("150")], [use("apikey_a", **slow), use("apikey_a", **fast)]),
        12: (
            [cost("50", **slow), cost("100", **fast)],
            [use("apikey_a", **slow), use("apikey_a", **fast)],
        ),
    }
    days[9][1].append(use("apikey_b", **fast))
    for day, (spent, used) in days.items():
        yield f"cost-{day}", anthropic_page(f"2026-10-{day:02}", *spent)
        yield f"usage-{day}", anthropic_page(f"2026-10-{day:02}", *used)


OPENAI = costs(
    billed("2026-10-06", "gpt-5.4, input", "0.50", 1000, "tokens"),
    billed("2026-10-06", "priority | gpt-5.4, input", "1.00", 1000, "tokens"),
    billed("2026-10-07", "gpt-5.4, input", "1.00", 2000, "tokens"),
    billed("2026-10-07", "flex | gpt-5.4, input", "0.40", 2000, "tokens"),
    billed("2026-10-08", "priority | gpt-5.4, input", "1.00", 1000, "tokens"),
    billed("2026-10-13", "gpt-4o-mini, input, long context", "0.30", 1000, "tokens"),
)


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    own = {"timestamp": "2026-10-14T10:00:00Z", "model_name": "gpt-5.4", "key": "key"}
    own |= {"input_token_count": 10, "output_token_count": 0, "team": "own"}
    files = {
        "logs/gw/2026-10/a.jsonl": "\n".join(map(json.dumps, calls())),
        "logs/own/a.jsonl": "\n".join(
            json.dumps(own | {"request_id": str(number)} | said)
            for number, said in enumerate(
                (
                    {"tier_served": "auto"},
                    {"tier_served": "Default"},
                    {"tier_served": "standard", "speed": "fast"},
                    {},
                )
            )
        ),
        "bills/openai/costs.json": OPENAI,
        **{f"bills/anthropic/{name}.json": page for name, page in claude_bill()},
        "reference/deployments.csv": DEPLOYMENTS,
    }
    return Company(project, write_company(tmp_path_factory.mktemp("asked"), files, SETTINGS))


def dollars(**amounts: str) -> dict[str, Decimal]:
    return {name: Decimal(amount) for name, amount in amounts.items()}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (6, dollars(known="0.50", silent="1.00")),
        (7, dollars(one="0.35", other="1.05")),
        (8, dollars(unlogged_usage="1.00")),
        (9, dollars(batchers="0.50", traders="1.00")),
        (10, dollars(batchers="0.50", traders="1.00", night="0.25")),
        (11, dollars(batchers="0.75", traders="0.75")),
        (12, dollars(batchers="0.50", hopeful="1.00")),
        (13, dollars(books="0.30")),
    ],
)
def test_where_the_log_does_not_know_the_bill_decides(
    company: Company, day: int, expected: dict[str, Decimal]
) -> None:
    found = dict(
        company.query(
            "select coalesce(residual_cause, team), sum(billed_cost) from fct_cost_allocations"
            f" where usage_date = date '2026-10-{day:02}' group by all"
            " having sum(billed_cost) <> 0"
        )
    )
    assert found == expected


def test_a_company_log_says_what_was_served(company: Company) -> None:
    found = company.query(
        "select service_tier, tier_assumed from fct_requests where team = 'own' order by request_id"
    )
    assert found == [("standard", True), ("standard", False), ("fast", False), ("standard", True)]
