"""Bills by days that are not UTC's, by hours, and across the end of a month."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hand_made import Outcome, outcome_of
from hand_made_account import DAY, Account

pytestmark = pytest.mark.whole

OCTOBER = date(2026, 10, 1)


@pytest.fixture(scope="module")
def outcome(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    accounts = [
        # a day of Berlin starts on the UTC day before; here also the month, and the first log
        Account("berlin").logged("2026-10-01T10:00", 100).billed("2026-09-30T22:00", "1.5", 150),
        Account("pacific")
        .logged("2026-10-31T10:00", 100)
        .logged("2026-11-01T03:00", 100)
        .billed("2026-10-31T07:00", "2.5", 250),
        Account("long day")
        .logged("2026-10-25T10:00", 100)
        .billed("2026-10-25T07:00", "1.5", 150, end="2026-10-26T08:00"),
        # a day of 23 hours and the next start on one UTC date, as London's do in March: but here
        # after `since`, before which nothing is attributed
        Account("london")
        .logged("2026-10-05T10:00", 100)
        .logged("2026-10-06T10:00", 100)
        .billed("2026-10-05T00:00", "1", 100, end="2026-10-05T23:00")
        .billed("2026-10-05T23:00", "2", 100, end="2026-10-06T23:00"),
        Account("india").logged("2026-10-01T18:45", 100).billed("2026-10-01T18:30", "1", 100),
        Account("hours")
        .logged("2026-10-01T10:00", 100)
        .logged("2026-10-01T15:00", 100, status="failure")
        .logged("2026-10-02T10:00", 50)
        .billed("2026-10-01T15:00", "2", 200, end="2026-10-01T16:00")
        .billed("2026-10-01T20:00", "1", 10, end="2026-10-01T21:00"),
        Account("by hand by hours").billed("2026-10-03T00:00", "3", 9)
        .billed("2026-10-03T10:00", "2", 9, end="2026-10-03T11:00"),
    ]  # fmt: skip
    return outcome_of(built, tmp_path_factory.mktemp("calendars"), accounts)


def test_every_data_test_holds(outcome: Outcome) -> None:
    assert outcome.failing == []


def test_a_day_of_a_calendar_ahead_of_utc_is_of_its_own_date_and_month(outcome: Outcome) -> None:
    assert outcome.split("berlin", "billing_month, usage_date, quantity, residual_cause") == [
        (OCTOBER, OCTOBER, 50, "unlogged_usage"),
        (OCTOBER, OCTOBER, 100, None),
    ]


def test_a_day_of_a_calendar_behind_utc_ends_in_the_next_month(outcome: Outcome) -> None:
    """Trap 1: a bucket's midnight is the provider's own."""
    assert outcome.split("pacific", "billing_month, usage_date, quantity") == [
        (OCTOBER, date(2026, 10, 31), 50),
        (OCTOBER, date(2026, 10, 31), 100),
        (OCTOBER, date(2026, 11, 1), 100),
    ]


def test_a_day_of_25_hours_is_a_day(outcome: Outcome) -> None:
    days = outcome.split("long day", "usage_date, quantity")
    assert days == [(date(2026, 10, 25), 50), (date(2026, 10, 25), 100)]


def test_two_days_that_start_on_one_utc_date_both_stand(outcome: Outcome) -> None:
    assert outcome.split("london", "usage_date, billed_cost") == [
        (date(2026, 10, 5), Decimal(1)),
        (date(2026, 10, 6), Decimal(2)),
    ]


def test_an_hour_that_a_day_cuts_is_in_it(outcome: Outcome) -> None:
    assert outcome.split("india", "quantity, match_level") == [(100, "exact")]


def test_hours_are_of_a_day_that_was_billed(outcome: Outcome) -> None:
    """The log of another hour of the day says that the key was in use, and is no estimate."""
    found = outcome.split(
        "hours", "usage_date, quantity, billed_cost, residual_cause, cost_basis, failed_requests"
    )
    first, second = date.fromisoformat(DAY), date(2026, 10, 2)
    assert found == [
        (first, 10, Decimal(1), "unlogged_usage", "billed", 1),
        (first, 100, Decimal(0), None, "billed", 0),
        (first, 100, Decimal(1), "unlogged_usage", "billed", 1),
        (first, 100, Decimal(1), None, "billed", 0),
        (second, 50, Decimal(0), None, "estimated", 0),
    ]


def test_a_day_saved_by_the_hour_too_is_counted_once(outcome: Outcome) -> None:
    assert outcome.month("by hand by hours", "billed") == (Decimal(3),)
