"""`make limits-check`: what a type of an SDK refuses, and a path that none of them has."""

from typing import Any, Literal, Required

import pytest
from pydantic import BaseModel
from typing_extensions import TypedDict  # pydantic asks for this one before 3.12

from benchmarks.limits_check.accepted import KINDS, PERIODS, another_period, problems, refused
from orchestration.exports.limits.written import limits_said

NOTHING: dict[str, list[Any]] = {"litellm": [], "openai": [], "anthropic": []}


class Params(TypedDict, total=False):
    """As SDKs write what they send."""

    interval: Required[Literal["month"]]
    threshold_amount: Required[int]


class Request(BaseModel):
    """As LiteLLM writes what it reads: it leaves out what it does not know."""

    max_budget: float | None = None
    budget_duration: str | None = None


@pytest.mark.parametrize(
    ("read_by", "body", "place"),
    [
        (Params, {"interval": "day", "threshold_amount": 1}, "interval"),
        (Params, {"interval": "month", "threshold_amount": "100"}, "threshold_amount"),
        (Params, {"interval": "month", "threshold_amount": 1.5}, "threshold_amount"),
        (Params, {"interval": "month"}, "threshold_amount"),
        (Request, {"max_budget": "30"}, "max_budget"),
        (Request, {"max_budget": 30, "hard_budget": 40}, "hard_budget"),
        (Request, [], "body"),
    ],
)
def test_what_a_type_does_not_read_is_told_with_its_place(
    read_by: Any, body: Any, place: str
) -> None:
    [problem] = refused(read_by, body)
    assert problem.startswith(f"{place}: ")


def test_what_a_type_reads_is_no_problem() -> None:
    assert list(refused(Params, {"interval": "month", "threshold_amount": 18000})) == []
    assert list(refused(Request, {"max_budget": 30, "budget_duration": "1mo"})) == []


def test_a_path_that_no_type_reads_and_a_kind_without_a_body_are_problems() -> None:
    call = {"budget_id": "b", "method": "POST", "path": "/organization/limits", "body": {}}
    assert list(problems({**NOTHING, "openai": [call]}, every_kind=False)) == [
        "openai POST /organization/limits of b: no type of its SDK reads what is sent there"
    ]
    assert len(list(problems(NOTHING, every_kind=True))) == len(KINDS)


MONTH = "calendar month, UTC"


@pytest.mark.parametrize(
    ("system", "body", "told"),
    [
        ("litellm", {"max_budget": 30}, "budget_duration: is missing"),
        ("litellm", {"max_budget": 30, "budget_duration": "30d"}, "budget_duration: `30d` is not"),
        ("litellm", {"max_budget": 30, "budget_duration": "1d"}, "budget_duration: `1d` is not"),
        ("openai", {"interval": "day", "threshold_amount": 1}, "interval: `day` is not"),
        ("anthropic", {"amount": "1", "period": "weekly"}, "period: `weekly` is not"),
    ],
)
def test_a_limit_of_another_period_than_the_budget_is_refused(
    system: str, body: dict[str, Any], told: str
) -> None:
    """LiteLLM takes `30d` without a word, and begins it anew with the month in some releases."""
    [problem] = another_period(system, body, MONTH)
    assert problem.startswith(told)


def test_the_words_of_a_month_are_no_problem_and_an_unknown_period_is() -> None:
    bodies = {
        "litellm": {"budget_duration": "1mo"},
        "openai": {"interval": "month"},
        "anthropic": {"period": "monthly"},
    }
    assert [
        each for system in bodies for each in another_period(system, bodies[system], MONTH)
    ] == []
    [problem] = another_period("litellm", bodies["litellm"], "quarter")
    assert "`quarter`" in problem


def test_what_limits_json_calls_its_period_is_known_here() -> None:
    assert limits_said([], None, "USD")["period"] in PERIODS
