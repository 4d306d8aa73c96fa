"""Bills without quantities, money back, and keys that only one side carries."""

from decimal import Decimal
from pathlib import Path

import pytest
from hand_made import Outcome, outcome_of
from hand_made_account import DAY, Account


def anthropic(name: str) -> Account:
    """Key k1 was logged, with 100 tokens; k2 never was. The bill names no key."""
    return Account(name, "anthropic").logged("2026-10-01T10:00", 100)


def reported(name: str, **columns: str | None) -> Account:
    """The usage report has 100 tokens of k1 and 50 of k2."""
    account = anthropic(name).reported(DAY, "k1", 100, **columns)
    return account.reported(DAY, "k2", 50, **columns)


@pytest.fixture(scope="module")
def outcome(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    by_workspace = anthropic("by workspace").reported(DAY, "k1", 100, sub_account_id="w1")
    accounts = [
        reported("surcharge").billed(DAY, "3").billed(DAY, "6", charge_description="fast mode"),
        reported("refund").billed(DAY, "3").billed(DAY, "-1.5"),
        reported("late refund").billed(DAY, "3").billed("2026-10-09", "-3"),
        reported("by region", region="us").billed(DAY, "3"),
        by_workspace.reported(DAY, "k2", 50, sub_account_id="w2").billed(DAY, "3"),
        # no usage report: the refund is split as the line was
        anthropic("unreported").billed(DAY, "3").billed("2026-10-09", "-1"),
        Account("openai refund").logged("2026-10-01T10:00", 100)
        .billed(DAY, "3", 150).billed("2026-10-09", "-3", -150),
        Account("no month of logs").logged("2026-10-05T10:00", 100)
        .billed("2026-09-15", "3", 150).billed("2026-10-05", "-3", -150),
        Account("unknown tier").logged("2026-10-01T10:00", 100, service_tier=None)
        .billed(DAY, "2", 30, service_tier="priority").billed(DAY, "1", 80),
        Account("tier not billed").logged("2026-10-01T10:00", 100, service_tier="batch")
        .billed(DAY, "3", 100, service_tier=None, context_band=None),
        Account("other tier").logged("2026-10-01T10:00", 100, service_tier="batch")
        .billed(DAY, "3", 100, service_tier="priority"),
    ]  # fmt: skip
    return outcome_of(built, tmp_path_factory.mktemp("followed"), accounts)


def test_every_data_test_holds(outcome: Outcome) -> None:
    assert outcome.failing == []


def test_two_lines_of_the_same_tokens_count_them_once(outcome: Outcome) -> None:
    """Only k2's part of either line is outside the gateway."""
    found = outcome.split(
        "surcharge", "line, credential_id, quantity, billed_cost, allocation_method, residual_cause"
    )
    assert found == [
        ("fast mode", "k1", 100, Decimal(4), "quantity", None),
        ("fast mode", "k2", 50, Decimal(2), "residual", "outside_gateway"),
        ("input", "k1", 0, Decimal(2), "same_tokens", None),
        ("input", "k2", 0, Decimal(1), "residual", "outside_gateway"),
    ]
    month = "contracted, quantity_variance, requests_cost, outside_gateway, unlogged_usage"
    assert outcome.month("surcharge", month) == (Decimal("0.0005"), 0, 6, 3, 0)


def test_a_refund_follows_its_line_on_its_day_or_later(outcome: Outcome) -> None:
    assert outcome.split("refund", "credential_id, billed_cost, residual_cause") == [
        ("k1", Decimal(-1), None),
        ("k1", Decimal(2), None),
        ("k2", Decimal("-0.5"), "outside_gateway"),
        ("k2", Decimal(1), "outside_gateway"),
    ]
    month = "allocated, requests_cost, outside_gateway, unlogged_usage"
    assert outcome.month("late refund", month) == (0, 0, 0, 0)
    assert outcome.month("openai refund", month) == (0, 0, 0, 0)
    assert outcome.month("unreported", month) == (2, 2, 0, 0)


def test_a_refund_of_a_month_without_logs_is_as_far_outside_as_its_line(outcome: Outcome) -> None:
    causes = outcome.split("no month of logs", "billing_month, billed_cost, residual_cause")
    assert [(str(month)[:7], cost, cause) for month, cost, cause in causes] == [
        ("2026-09", Decimal(3), "outside_gateway"),
        ("2026-10", Decimal(-3), "outside_gateway"),
        ("2026-10", Decimal(0), None),
    ]


@pytest.mark.parametrize("account", ["by region", "by workspace"])
def test_usage_told_more_finely_than_cost_still_tells_whose_it_was(
    outcome: Outcome, account: str
) -> None:
    """Else k2's money would be smeared over the requests of k1."""
    assert outcome.split(account, "credential_id, quantity, billed_cost, residual_cause") == [
        ("k1", 100, Decimal(2), None),
        ("k2", 50, Decimal(1), "outside_gateway"),
    ]


def test_a_tier_that_one_side_does_not_know_matches_any_after_equal_ones(outcome: Outcome) -> None:
    assert outcome.split("unknown tier", "quantity, service_tier, match_level, residual_cause") == [
        (10, "priority", "none", "unlogged_usage"),
        (20, "priority", "service_tier_credential", None),
        (80, "standard", "service_tier_asked", None),
    ]
    assert outcome.split("tier not billed", "quantity, match_level") == [(100, "credential")]
    assert outcome.split("other tier", "quantity, residual_cause") == [
        (100, "unlogged_usage"),
        (100, None),
    ]
