"""Rounding to cents keeps every sum."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.cents import PICO_PER_CENT, cents_text, nearest_cents, pico, split_cents

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
