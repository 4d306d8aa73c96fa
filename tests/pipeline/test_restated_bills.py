"""Bills that are pulled again: the newest pull of a period stands, whatever order it landed in."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hand_made import Outcome, outcome_of
from hand_made_account import DAY, Account

NEXT = "2026-10-02"


def account(name: str) -> Account:
    """100 tokens of k1 on a day, and nothing on the next."""
    return Account(name).logged("2026-10-01T10:00", 100)


@pytest.fixture(scope="module")
def outcome(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    accounts = [
        account("restated").billed(DAY, "1", 100).billed(DAY, "2", 80, pull=2),
        # pulled first and landed last
        account("old pull later").billed(DAY, "2", 80, pull=2).billed(DAY, "1", 100, pull=1),
        account("to nothing").billed(DAY, "1", 100).billed(NEXT, "5", 9)
        .emptied(DAY, pull=2).emptied(NEXT, pull=2).billed(NEXT, "5", 9, pull=3),
        account("a line vanishes").billed(DAY, "1", 100)
        .billed(DAY, "7", 9, charge_description="gone").billed(DAY, "1", 100, pull=2),
        account("regrouped").billed(DAY, "1", 100, grouping="api_key_id,line_item")
        .billed(DAY, "3", 100, pull=2, credential_id=None),
        account("control in a pull").billed(DAY, "3", 100, grouping="api_key_id,line_item")
        .billed(DAY, "3", 100, credential_id=None, grouping=""),
        account("month after").billed(DAY, "1", 100).billed("2026-11-01", "4", 10)
        .billed("2026-11-01", "6", 10, pull=2).billed(DAY, "2", 100, pull=3),
        account("until noon").billed(DAY, "1", 60, end="2026-10-01T12:00")
        .billed(DAY, "2", 100, pull=2),
        account("equal lines").billed(DAY, "1", 50).billed(DAY, "1", 50),
    ]  # fmt: skip
    return outcome_of(built, tmp_path_factory.mktemp("restated"), accounts)


def test_every_data_test_holds(outcome: Outcome) -> None:
    assert outcome.failing == []


@pytest.mark.parametrize("name", ["restated", "old pull later"])
def test_the_newest_pull_of_a_day_stands(outcome: Outcome, name: str) -> None:
    """Trap 6: no page says that it is final, so the newest stands, however late."""
    assert outcome.split(name, "quantity, billed_cost, residual_cause, match_level") == [
        (20, Decimal(0), None, "none"),
        (80, Decimal(2), None, "exact"),
    ]


def test_a_day_restated_to_nothing_bills_nothing_until_it_is_restated_again(
    outcome: Outcome,
) -> None:
    assert outcome.split("to nothing", "billed_cost, estimated_cost, cost_basis") == [
        (Decimal(0), Decimal("0.00025"), "estimated"),
        (Decimal(5), Decimal(0), "billed"),
    ]


@pytest.mark.parametrize(
    ("name", "billed", "lines"),
    [
        ("a line vanishes", 1, 1),
        ("regrouped", 3, 1),
        ("control in a pull", 3, 1),
        ("until noon", 2, 1),
        ("equal lines", 2, 2),
    ],
)
def test_nothing_is_counted_twice(outcome: Outcome, name: str, billed: int, lines: int) -> None:
    assert outcome.month(name, "billed, bill_lines, unlogged_usage") == (billed, lines, 0)


def test_a_month_restated_after_another_leaves_the_other(outcome: Outcome) -> None:
    assert outcome.split("month after", "billing_month, billed_cost, residual_cause") == [
        (date(2026, 10, 1), Decimal(2), None),
        (date(2026, 11, 1), Decimal(6), "outside_gateway"),
    ]
