"""What a bill takes back and enters again is matched as what is left; lines keep their money."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from hand_made import Outcome, outcome_of
from hand_made_account import DAY, Account

from tests.rating.rated_requests import instant

NEXT_MONTH = "2026-11-03"
OF_OCTOBER = {"charge_period_start": instant(DAY), "charge_period_end": instant("2026-10-02")}
CORRECTED = {"charge_class": "Correction"}
LINES = "billed_cost, quantity, allocation_method, residual_cause"


def logged(name: str, *tokens: int) -> Account:
    """Requests of teams a, b, … on one day, which all have one key."""
    account = Account(name)
    for team, count in zip("abc", tokens, strict=False):
        tags = f'{{"tags": {{"team": "{team}"}}}}'
        account.logged(f"{DAY}T10:00", count, attributes=tags)
    return account


@pytest.fixture(scope="module")
def outcome(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    accounts = [
        logged("another price", 100).billed(DAY, "1", 100)
        .billed(DAY, "-1", -100, **CORRECTED).billed(DAY, "0.8", 100, **CORRECTED),
        logged("another quantity", 45, 15).billed(DAY, "1", 100)
        .billed(DAY, "-1", -100, **CORRECTED).billed(DAY, "0.6", 60, invoice_id="I-2"),
        logged("a part", 60).billed(DAY, "1", 100).billed(DAY, "-0.25", -25),
        logged("several lines", 60, 20).billed(DAY, "0.5", 50).billed(DAY, "0.3", 30)
        .billed(DAY, "0.4", 40).billed(DAY, "-0.4", -40),
        logged("next month", 45, 15).billed(DAY, "1", 100)
        .billed(NEXT_MONTH, "-1", -100, **OF_OCTOBER).billed(NEXT_MONTH, "0.6", 60, **OF_OCTOBER),
        logged("nothing left", 100).billed(DAY, "1", 100).billed(DAY, "-1", -100)
        .billed(DAY, "0.9", 100, charge_description="input, restated"),
        logged("alone", 100).billed(DAY, "-1", -100),
        logged("another key's", 100).billed(DAY, "1", 100, sub_account_id="p1")
        .billed(DAY, "-1", -100, sub_account_id="p2"),
        logged("more than it has", 60).billed(DAY, "0.6", 60).billed(DAY, "-1", -100),
        logged("money alone", 100).billed(DAY, "1", 100).billed(DAY, "-0.4", 0),
        logged("no money", 60).billed(DAY, "0", 100).billed(DAY, "0", -100).billed(DAY, "0", 60),
    ]  # fmt: skip
    return outcome_of(built, tmp_path_factory.mktemp("netted"), accounts)


def money(outcome: Outcome, account: str, by: str) -> dict[str, Decimal]:
    """Dollars by `by`, a column or an expression."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for owner, amount in outcome.split(account, f"{by}, billed_cost"):
        found[owner] += amount
    return {owner: amount for owner, amount in found.items() if amount}


def test_every_data_test_holds(outcome: Outcome) -> None:
    """Conservation of every charge is one of them."""
    assert outcome.failing == []


def test_a_line_entered_again_at_another_price_is_the_price_of_its_requests(
    outcome: Outcome,
) -> None:
    """Trap 30: what is added to an export lands beside what it takes back."""
    assert outcome.split("another price", LINES) == [
        (Decimal(-1), 0, "reversal", None),
        (Decimal("0.8"), 0, "same_tokens", None),
        (Decimal(1), 100, "quantity", None),
    ]
    month = "allocated, requests_cost, contracted, rate_variance, quantity_variance"
    cost = Decimal("0.00025")
    assert outcome.month("another price", month) == (
        *(Decimal("0.8"), Decimal("0.8"), cost),
        *(Decimal("0.8") - cost, 0),
    )


def test_of_a_line_entered_again_with_less_the_requests_explain_all(outcome: Outcome) -> None:
    """Not 60 of the 160 tokens that both lines say."""
    tenths = {"a": Decimal("0.45"), "b": Decimal("0.15")}
    assert money(outcome, "another quantity", "team") == tenths
    assert outcome.month("another quantity", "requests_cost, unlogged_usage") == (Decimal("0.6"), 0)


def test_what_is_left_after_a_part_was_taken_back_may_be_more_than_was_logged(
    outcome: Outcome,
) -> None:
    assert outcome.split("a part", LINES) == [
        (Decimal("-0.2"), 0, "reversal", None),
        (Decimal("-0.05"), 0, "residual", "unlogged_usage"),
        (Decimal("0.2"), 15, "residual", "unlogged_usage"),
        (Decimal("0.8"), 60, "quantity", None),
    ]


def test_several_lines_of_a_key_are_one_of_which_one_was_taken_back(outcome: Outcome) -> None:
    """120 tokens less 40: each of the four lines is split 3 to 1."""
    assert money(outcome, "several lines", "team") == {"a": Decimal("0.6"), "b": Decimal("0.2")}
    assert sorted(outcome.split("several lines", "billed_cost, quantity")) == [
        (Decimal("-0.3"), 0), (Decimal("-0.1"), 0), (Decimal("0.075"), 0),
        (Decimal("0.1"), 0), (Decimal("0.125"), 20), (Decimal("0.225"), 0),
        (Decimal("0.3"), 0), (Decimal("0.375"), 60),
    ]  # fmt: skip


def test_what_the_next_bill_takes_back_is_of_the_hours_that_it_names(outcome: Outcome) -> None:
    """Trap 4: each bill keeps its money, and both are split by October's requests."""
    by = "strftime(billing_month, '%m ') || team"
    assert money(outcome, "next month", by) == {
        "10 a": Decimal("0.75"),
        "10 b": Decimal("0.25"),
        "11 a": Decimal("-0.3"),
        "11 b": Decimal("-0.1"),
    }


def test_a_key_of_which_nothing_is_left_leaves_its_tokens_to_other_lines(outcome: Outcome) -> None:
    assert outcome.split("nothing left", f"line, {LINES}") == [
        ("input", Decimal(-1), 0, "residual", "unlogged_usage"),
        ("input", Decimal(1), 0, "residual", "unlogged_usage"),
        ("input, restated", Decimal("0.9"), 100, "quantity", None),
    ]
    assert money(outcome, "nothing left", "coalesce(residual_cause, team)") == {"a": Decimal("0.9")}


@pytest.mark.parametrize(("account", "line"), [("alone", None), ("another key's", (1, 100))])
def test_what_takes_back_no_line_of_its_key_stands_alone(
    outcome: Outcome, account: str, line: tuple[int, int] | None
) -> None:
    alone = (Decimal(-1), -100, "residual", "unlogged_usage")
    rest = [] if line is None else [(*line, "quantity", None)]
    found = [row for row in outcome.split(account, LINES) if row[0]]
    assert found == [alone, *rest]


def test_where_more_is_taken_back_than_a_key_has_its_line_is_matched_as_it_is(
    outcome: Outcome,
) -> None:
    """What is taken back is of another period, and follows the line all the same."""
    assert outcome.split("more than it has", LINES) == [
        (Decimal(-1), 0, "reversal", None),
        (Decimal("0.6"), 60, "quantity", None),
    ]


def test_money_back_alone_leaves_tokens_as_they_were(outcome: Outcome) -> None:
    assert outcome.split("money alone", LINES) == [
        (Decimal("-0.4"), 0, "reversal", None),
        (Decimal(1), 100, "quantity", None),
    ]


def test_what_costs_nothing_is_netted_too(outcome: Outcome) -> None:
    assert [row for row in outcome.split("no money", "quantity, residual_cause") if row[0]] == [
        (60, None)
    ]
