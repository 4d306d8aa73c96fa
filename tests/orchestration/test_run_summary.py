"""The split that a run ends with: what has neither a bill nor a price is told, not shown as 0."""

from datetime import date

import duckdb

from orchestration.summary.month_table import split_of_month

MONTH = date(2026, 10, 1)


def split(*rows: tuple[str, str, int, str | None]) -> list[list[str]]:
    """`rows`: feature, billed, quantity, estimated. The cells of the printed lines."""
    with duckdb.connect() as connection:
        connection.execute(
            "create table fct_cost_allocations (billing_month date, feature varchar,"
            " billed_cost decimal(38, 12), quantity bigint, estimated_cost decimal(38, 12))"
        )
        connection.executemany(
            "insert into fct_cost_allocations values (?, ?, ?, ?, ?)",
            [(MONTH, *row) for row in rows],
        )
        text = split_of_month(connection, MONTH, "feature")
    return [line.split() for line in text.splitlines()]


def test_a_billed_month_has_one_column() -> None:
    assert split(("chat", "1.5", 10, "0"), ("search", "2", 10, "0")) == [
        ["feature", "billed"],
        ["search", "2.00"],
        ["chat", "1.50"],
        ["total", "3.50"],
    ]


def test_an_estimate_has_a_column_and_what_has_no_price_another() -> None:
    rows = [("chat", "1", 10, "0"), ("chat", "0", 20, "2"), ("chat", "0", 1500, None)]
    assert split(*rows, ("new", "0", 7, None)) == [
        ["feature", "billed", "estimated", "units", "without", "a", "price"],
        ["chat", "1.00", "2.00", "1500"],
        ["new", "0.00", "unknown", "7"],
        ["total", "1.00", "2.00", "1507"],
    ]
