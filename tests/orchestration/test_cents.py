"""Rounding to cents keeps every sum, and every printed figure within a cent of its exact value."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.cents.cascade import Path, cascade, settled
from orchestration.cents.largest_remainder import (
    PICO_PER_CENT,
    cents_text,
    nearest_cents,
    pico,
    places_of,
    split_cents,
    unit_of,
)

AMOUNT = st.integers(-(10**26), 10**26)


@given(st.lists(AMOUNT, max_size=30))
def test_cents_sum_to_the_total_and_stay_within_a_cent(amounts: list[int]) -> None:
    total = nearest_cents(sum(amounts))
    cents = split_cents(amounts, total)
    assert sum(cents) == total
    for amount, cent in zip(amounts, cents, strict=True):
        assert abs(amount - cent * PICO_PER_CENT) < PICO_PER_CENT


@given(st.lists(st.lists(AMOUNT, min_size=4, max_size=4), max_size=10))
def test_rows_and_their_parts_round_jointly(rows: list[list[int]]) -> None:
    totals = [sum(row) for row in rows]
    rounded = split_cents(totals, nearest_cents(sum(totals)))
    for row, total in zip(rows, rounded, strict=True):
        assert sum(split_cents(row, total)) == total


def test_ties_go_to_the_earlier_amount() -> None:
    half = PICO_PER_CENT // 2
    assert split_cents([half, half, half, half], 2) == [1, 1, 0, 0]
    assert split_cents([-half, half], 0) == [0, 0]


def test_what_is_not_their_sum_is_refused() -> None:
    with pytest.raises(ValueError, match="are not the sum"):
        split_cents([PICO_PER_CENT], 3)


def test_decimals_become_exact_pico_units() -> None:
    amount = Decimal("12345678901234567890123456.123456789012")
    assert pico(amount) == 12345678901234567890123456123456789012
    with pytest.raises(ValueError, match="12 decimal places"):
        pico(Decimal("0.0000000000001"))


def test_cents_are_written_with_two_places() -> None:
    assert [cents_text(cents) for cents in (0, 5, -5, 1234, -123456)] == [
        "0.00",
        "0.05",
        "-0.05",
        "12.34",
        "-1234.56",
    ]


@pytest.mark.parametrize(
    ("currency", "written"),
    [("USD", "12.34"), ("JPY", "1234"), ("KWD", "1.234"), ("clf", "0.1234")],
)
def test_a_cent_is_the_currencys_smallest_unit(currency: str, written: str) -> None:
    places = places_of(currency)
    assert cents_text(1234, places) == written
    assert cents_text(-1234, places) == f"-{written}"
    assert nearest_cents(pico(Decimal(written)), unit_of(currency)) == 1234


def within_a_cent(
    amounts: Sequence[int], cents: Sequence[int], paths: Sequence[Path], unit: int
) -> bool:
    """Of every group of every depth, and of every line."""
    sums: dict[Path, tuple[int, int]] = {}
    for line, path in enumerate(paths):
        for group in (*(path[:depth] for depth in range(len(path) + 1)), (*path, "line", line)):
            amount, cent = sums.get(group, (0, 0))
            sums[group] = (amount + amounts[line], cent + cents[line])
    return all(abs(amount - cent * unit) < unit for amount, cent in sums.values())


NAME = st.integers(0, 3)
# a few tenths of a cent, negative ones, whole cents and zeros among large ones
SMALL = st.sampled_from([0, 4, 5, 6, 10, 15, -4, -5, -10, 33]) | st.integers(-(10**6), 10**6)
LINES = st.lists(st.tuples(SMALL, NAME, NAME, NAME, NAME), max_size=60)


@given(LINES)
def test_a_cascade_keeps_each_figure_of_two_hierarchies_within_a_cent(
    lines: list[tuple[int, int, int, int, int]],
) -> None:
    amounts = [line[0] for line in lines]
    accounts: list[Path] = [(line[1], line[2]) for line in lines]
    teams: list[Path] = [(line[3], line[4]) for line in lines]
    total = nearest_cents(sum(amounts), 10)
    cents = cascade(amounts, total, 10, within=accounts, also=teams)
    assert sum(cents) == total
    assert within_a_cent(amounts, cents, accounts, 10)
    assert within_a_cent(amounts, cents, teams, 10)


@given(LINES)
def test_groups_whose_cents_stand_elsewhere_keep_them(
    lines: list[tuple[int, int, int, int, int]],
) -> None:
    amounts = [line[0] for line in lines]
    within: list[Path] = [(line[1],) for line in lines]
    also: list[Path] = [(line[2], line[3]) for line in lines]
    before = cascade(amounts, nearest_cents(sum(amounts), 10), 10, within=within)
    after = settled(amounts, before, 10, within, also, within)
    assert within_a_cent(amounts, after, within, 10)
    for (group,) in set(within):
        mine = [line for line, path in enumerate(within) if path == (group,)]
        assert sum(before[line] for line in mine) == sum(after[line] for line in mine)


def test_a_thousand_lines_of_four_tenths_are_their_sum_on_both_sides() -> None:
    """1,000 teams in three accounts: each account and team is within a cent, the sum is 12.00."""
    amounts = [PICO_PER_CENT * 4 // 10] * 3000
    accounts: list[Path] = [(line % 3,) for line in range(3000)]
    teams: list[Path] = [(line // 3,) for line in range(3000)]
    cents = cascade(amounts, 1200, PICO_PER_CENT, within=accounts, also=teams)
    assert sum(cents) == 1200
    assert within_a_cent(amounts, cents, accounts, PICO_PER_CENT)
    assert within_a_cent(amounts, cents, teams, PICO_PER_CENT)


def test_a_team_of_three_accounts_is_within_a_cent() -> None:
    """Three accounts of 0.01, in each web with 0.006 and lab with 0.004."""
    amounts = [6 * 10**9, 4 * 10**9] * 3
    accounts: list[Path] = [(line // 2,) for line in range(6)]
    teams: list[Path] = [("web",), ("lab",)] * 3
    alone = cascade(amounts, 3, PICO_PER_CENT, within=accounts)
    assert (sum(alone[::2]), sum(alone[1::2])) == (3, 0)
    assert cascade(amounts, 3, PICO_PER_CENT, within=accounts, also=teams) == [0, 1, 1, 0, 1, 0]
