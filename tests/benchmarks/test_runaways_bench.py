"""The short form of `make bench-runaways`, and limits of keys whose hours vary by a known part."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

import pytest

from benchmarks.measuring.page import replaced
from benchmarks.runaways.__main__ import NAME, PAGE, lines
from benchmarks.runaways.measured import Warehouse, found, quantile
from benchmarks.runaways.simulated import BEFORE_DAYS, DAYS, START, Key, Use, keys

# By week, over and over: the median is 100 whichever eight of them are looked at.
STEADY, BY_A_TENTH, BY_A_THIRD = (
    (100, 100 + by, 100 - by, 100, 100 + by, 100 - by, 100, 100 - 2 * by) for by in (0, 10, 30)
)
FLAT: Final = (1.0,) * 24


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse(tmp_path_factory.mktemp("runaways"))


def test_the_more_hours_vary_the_further_out_of_line_one_must_be(warehouse: Warehouse) -> None:
    hours = [
        Use(Key(number, 100, FLAT, 1.0), START + timedelta(hours=hour), weeks[hour // 168 % 8])
        for number, weeks in enumerate([STEADY, BY_A_TENTH, BY_A_THIRD])
        for hour in range(24 * (BEFORE_DAYS + DAYS))
    ]
    assert list(warehouse.alerts(hours)) == []
    limits = warehouse.query(
        "select entity, usual_amount, deviation, limit_amount, count(*) from mart_hourly_limits"
        " where axis = 'key' group by all order by all"
    )
    hours_shown = 24 * (35 + 7)
    assert limits == [
        ("gateway/key-00", Decimal(100), Decimal(0), Decimal(300), hours_shown),
        ("gateway/key-01", Decimal(100), Decimal(10), Decimal(340), hours_shown),
        ("gateway/key-02", Decimal(100), Decimal(30), Decimal(400), hours_shown),
    ]


def test_planted_spikes_are_found_and_clean_days_are_silent(warehouse: Warehouse) -> None:
    judged = found(warehouse, 0.2, [1], keys()[::10])
    assert (judged.false_alerts, judged.others, judged.missed) == ([], 0, [])
    assert judged.planted == len(judged.hours) == 12
    assert "| 20% | 0.000 | 0 | 0 | 12 of 12, 100.0% | 1 |" in "\n".join(lines([judged]))


def test_the_page_has_a_place_for_it() -> None:
    assert replaced(PAGE.read_text(), NAME, "")


def test_a_quantile_is_a_value_that_was_there() -> None:
    assert quantile([4, 1, 3, 2], 50) == 2
    assert quantile([4, 1, 3, 2], 95) == 4
