"""Scenario 5.2: $94,000, five features, nothing tagged; rules own it after the fact."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from companies import Company, call, costs, line, log, write_company

from tests.pipeline.compiled_project import CompiledProject

BILL: Final = Decimal("94000.00")
NOBODY: Final = "__unallocated__"
RULES: Final = """\
priority,match,set_feature,set_team,valid_from,valid_to,note
10,key_alias=svc-1 & prompt_version=cv-*,resume-screening,talent,,,
10,route=/v1/offers*,offer-letters,talent,,,
20,key_alias=svc-2 & user=bot-*,hr-chatbot,people,,,
30,key_alias=svc-2,interview-questions,talent,,,what the bots do not ask
20,model=gpt-4o-mini,sentiment-analysis,analytics,,,
20,key_alias=svc-4,shared,platform,,,the platform team's own calls
"""
# owner -> dollars, and how its calls can be told; 100 tokens are a dollar
OWNED: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "resume-screening": ("41000.00", {"key": "svc-1", "prompt": "cv-7"}),
    "offer-letters": ("9000.25", {"key": "svc-1", "endpoint": "/v1/offers/new"}),
    "hr-chatbot": ("22500.50", {"key": "svc-2", "who": "bot-3"}),
    "interview-questions": ("12499.25", {"key": "svc-2", "who": "ann"}),
    "sentiment-analysis": ("5000.00", {"key": "svc-3", "model": "gpt-4o-mini"}),
    "shared": ("2500.00", {"key": "svc-4"}),
    NOBODY: ("1500.00", {"key": "svc-5"}),
}
LINES: Final = {
    "gpt-4o": "gpt-4o-2024-08-06, input",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18, input",
}


def use() -> Iterator[tuple[str, str, int, dict[str, str]]]:
    """Day, model, tokens and columns; each owner's in ten parts on five days."""
    for dollars, said in OWNED.values():
        tokens = int(Decimal(dollars) * 100)
        columns = {"model": "gpt-4o", **said}
        model = columns.pop("model")
        for part in range(10):
            share = tokens // 10 + (tokens % 10 if part == 9 else 0)
            yield f"2026-10-{5 + part % 5:02}", model, share, columns


def files() -> dict[str, str]:
    calls: list[dict[str, Any]] = []
    billed: dict[tuple[str, str, str], int] = {}
    for number, (day, model, tokens, columns) in enumerate(use()):
        at = f"{day}T{number % 24:02}:30:00Z"
        calls.append(call(at, model, tokens, provider="openai", **columns))
        key = (day, model, columns["key"])
        billed[key] = billed.get(key, 0) + tokens
    lines = [
        line(day, LINES[model], f"{Decimal(tokens) / 100}", tokens, key)
        for (day, model, key), tokens in sorted(billed.items())
    ]
    return {"logs/proxy.jsonl": log(calls), "openai/costs.json": costs(*lines)}


def owners(company: Company) -> dict[str, Decimal]:
    return company.by("feature")


@pytest.fixture(scope="module")
def days(
    project: CompiledProject, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Decimal]]:
    """Dollars by feature on day 0, and after the rules; `ranked` as mart_unallocated has it."""
    folder: Path = tmp_path_factory.mktemp("hr")
    company = Company(project, write_company(folder, files()))
    ranked = "select sum(cost) from mart_unallocated where dimension = 'feature'"
    found = [owners(company), {"ranked": company.value(ranked)}]
    write_company(folder, {"reference/attribution_rules.csv": RULES})
    company.build()
    return [*found, owners(company), {"ranked": company.value(ranked)}]


def test_day_0_is_wholly_unallocated(days: list[dict[str, Decimal]]) -> None:
    assert days[0] == {NOBODY: BILL}
    assert days[1] == {"ranked": BILL}


def test_after_the_rules_five_features_shared_and_unallocated_are_the_bill(
    days: list[dict[str, Decimal]],
) -> None:
    """Σ5 + shared + unallocated = $94,000.00 exactly."""
    assert days[2] == {owner: Decimal(dollars) for owner, (dollars, _) in OWNED.items()}
    features = days[2].keys() - {"shared", NOBODY}
    assert len(features) == 5
    five = sum(days[2][feature] for feature in features)
    assert five + days[2]["shared"] + days[2][NOBODY] == BILL
    assert days[3] == {"ranked": days[2][NOBODY]}
