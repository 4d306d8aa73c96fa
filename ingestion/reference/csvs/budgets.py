"""budgets.csv: what a team, a key or a project is expected to spend in a month, and may."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

from ingestion.contracts import MONEY
from ingestion.reference.columns import TEXT, VALIDITY, Column, ReferenceTable
from ingestion.reference.csvs.rate_card import NOBODY
from ingestion.reference.rows import Problem, ReferenceRow
from ingestion.reference.values import choice, cost, money
from ingestion.vocabulary import OWNERS

COMPANY: Final = "company"
# Every one of them, where `*` stands for a name: users and customers are too many to list.
PERSONS: Final = ("user", "customer")
# `environment` is a column of its own, which narrows any scope.
BUDGET_OWNERS: Final = tuple(name for name in OWNERS if name != "environment")
BUDGET_SCOPES: Final = (
    *(COMPANY, *BUDGET_OWNERS, *PERSONS),
    *("credential", "sub_account", "provider"),
)
COUNTED: Final = ("tokens", "requests", "gpu_seconds")
NO_LIMIT: Final = "none"
SOFT_PERCENT: Final = Decimal(80)
HARD_PERCENT: Final = Decimal(120)
MOST_PERCENT: Final = Decimal(1000)


def budget_unit(value: str) -> str:
    """A currency, of which only the workspace's is one (`unit_problems`), or what is counted."""
    unit = value.lower()
    if unit not in COUNTED and not re.fullmatch("[a-z]{3}", unit):
        raise ValueError(f"`{value}` is not one of usd, {', '.join(COUNTED)}")
    return unit


def above_zero(value: str) -> Decimal:
    amount = money(value)
    if amount <= 0:
        raise ValueError(f"`{value}` is not above 0: say what a month is expected to take")
    return amount


def percent_of_expected(value: str) -> Decimal | None:
    """`none`: there is no such limit, which an empty cell does not say."""
    if value.lower() == NO_LIMIT:
        return None
    amount = cost(value.removesuffix("%").rstrip())
    if not 0 < amount <= MOST_PERCENT:
        raise ValueError(f"`{value}` is not {NO_LIMIT} or a percent above 0, to {MOST_PERCENT}")
    return amount


def budget_problem(values: dict[str, Any]) -> str | None:
    scope, scope_id = values["scope"], values["scope_id"]
    if scope == COMPANY and scope_id is not None:
        return f"scope_id: `{scope_id}`: the company is everybody, leave it empty"
    if scope != COMPANY and scope_id is None:
        also = ", `*` for each of them" if scope in PERSONS else ""
        return f"scope_id: is empty: say which {scope}{also}"
    if scope_id is not None and scope_id.lower() == NOBODY:
        return f"scope_id: `{scope_id}` is nobody, whom no limit can stop"
    if scope_id is not None and "*" in scope_id and (scope not in PERSONS or scope_id != "*"):
        return f"scope_id: `{scope_id}`: a budget is one {scope}'s: write its name"
    soft, hard = values["soft_percent"], values["hard_percent"]
    if soft is not None and hard is not None and soft > hard:
        return (
            f"soft_percent: `{soft.normalize():f}` is above hard_percent, {hard.normalize():f}:"
            " a warning after the limit warns of nothing"
        )
    return None


BUDGETS: Final = ReferenceTable(
    {
        "scope": Column(pa.string(), choice(*BUDGET_SCOPES), required=True),
        "scope_id": TEXT,
        "unit": Column(pa.string(), budget_unit, empty="usd"),
        # both of a month
        "expected": Column(MONEY, above_zero, required=True),
        "budget": Column(MONEY, cost),
        # of expected, never of the budget
        "soft_percent": Column(MONEY, percent_of_expected, empty=SOFT_PERCENT),
        "hard_percent": Column(MONEY, percent_of_expected, empty=HARD_PERCENT),
        "environment": TEXT,
        **VALIDITY,
    },
    key=("scope", "scope_id", "unit", "environment"),
    problem=budget_problem,
)


def unit_problems(rows: Sequence[ReferenceRow], reporting: str) -> list[Problem]:
    """Money in another currency than all other money of the workspace."""
    return [
        (
            row.line,
            f"unit: `{unit}` is not the workspace's `currency: {reporting}`: write"
            f" {reporting.lower()} or one of {', '.join(COUNTED)}",
        )
        for row in rows
        if (unit := row.values["unit"]) not in (*COUNTED, reporting.lower())
    ]
