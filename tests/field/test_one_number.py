"""One number everywhere: terminal, chargeback.csv and showback.csv have the same cents for the same
line, every printed figure is within a cent of its exact value, and what is printed sums up.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.cents.largest_remainder import unit_of
from orchestration.cents.posted import posted_lines
from orchestration.exports.tables import ExportTable, chargeback, showback
from orchestration.summary.month_table import month_tables
from orchestration.summary.reconciliation_table import reconciliation

MONTH = date(2026, 10, 1)
CENT = Decimal("0.01")
# account, team, feature, residual cause or none, pico-units
Line = tuple[str, str, str, str | None, int]
LINES = """
create table lines (account varchar, team varchar, feature varchar, cause varchar,
    pico decimal(38, 0));
"""
MARTS = """
create table money as
select *, cast(pico as decimal(38, 0)) * cast(0.000000000001 as decimal(12, 12)) as cost from lines;
create table fct_cost_allocations as
select date '2026-10-01' as billing_month, team, feature, 'pro' as tier, 'prod' as environment,
    'yearly' as plan, cost::decimal(38, 12) as billed_cost, 1 as quantity,
    0::decimal(38, 12) as estimated_cost
from money;
create table mart_chargeback_monthly as
select billing_month, provider, billing_account, team, team_name, cost_center,
    direct::decimal(38, 12) as direct_cost, residual::decimal(38, 12) as residual_cost,
    0::decimal(38, 12) as shared_cost, 0::decimal(38, 12) as correction_cost,
    0::decimal(38, 12) as timing_cost, (direct + residual)::decimal(38, 12) as total_cost,
    0::decimal(38, 12) as estimated_cost, (direct + residual)::decimal(38, 12) as recovered_cost,
    $currency as currency, 'showback' as phase,
    'billed' as status
from (
    select date '2026-10-01' as billing_month, 'openai' as provider, account as billing_account,
        team, null::varchar as team_name, 'CC' as cost_center,
        coalesce(sum(cost) filter (cause is null), 0) as direct,
        coalesce(sum(cost) filter (cause is not null), 0) as residual
    from money group by account, team
);
create table mart_showback_monthly as
select 'owner' as line_kind, date '2026-10-01' as showback_month, team, feature, 'pro' as tier,
    'prod' as environment, 'yearly' as plan, sum(cost)::decimal(38, 12) as billed_cost,
    0::decimal(38, 12) as estimated_cost, sum(cost)::decimal(38, 12) as effective_cost,
    null::decimal(38, 12) as list_cost, 0::decimal(38, 12) as shared_cost,
    (sum(cost) / 3)::decimal(38, 12) as cost_per_request
from money group by team, feature;
create table mart_reconciliation_monthly as
select 'openai' as provider, account as billing_account, date '2026-10-01' as billing_month,
    'INV' as invoice_id, sum(cost)::decimal(38, 12) as invoice_amount,
    sum(cost)::decimal(38, 12) as allocated, 0::decimal(38, 12) as foreign_services,
    coalesce(sum(cost) filter (cause is null), 0)::decimal(38, 12) as requests_cost,
    coalesce(sum(cost) filter (cause = 'tax'), 0)::decimal(38, 12) as tax,
    coalesce(sum(cost) filter (cause = 'credit'), 0)::decimal(38, 12) as credit,
    0::decimal(38, 12) as unexplained
from money group by account;
"""


@contextmanager
def marts(lines: Iterable[Line], currency: str = "USD") -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(LINES)
        connection.executemany("insert into lines values (?, ?, ?, ?, ?)", [*lines])
        for statement in MARTS.replace("$currency", f"'{currency}'").split(";")[:-1]:
            connection.execute(statement)
        yield connection


def cells(table: ExportTable) -> list[dict[str, Any]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def summed(rows: Iterable[Mapping[str, Any]], key: str, value: str) -> dict[Any, Decimal]:
    sums: dict[Any, Decimal] = {}
    for row in rows:
        sums[row[key]] = sums.get(row[key], Decimal()) + row[value]
    return sums


def exact(connection: duckdb.DuckDBPyConnection, key: str) -> dict[Any, Decimal]:
    rows = connection.execute(f"select {key}, sum(cost) from money group by all").fetchall()
    return {name: Decimal(amount) for name, amount in rows}


def within_a_cent(shown: Mapping[Any, Decimal], amounts: Mapping[Any, Decimal]) -> None:
    assert shown.keys() == amounts.keys()
    for name, amount in amounts.items():
        assert abs(shown[name] - amount) < CENT, name


def printed(connection: duckdb.DuckDBPyConnection, currency: str = "USD") -> list[list[list[str]]]:
    """The tables of the terminal, by lines and cells."""
    lines = posted_lines(connection, MONTH, unit_of(currency))
    text = month_tables(connection, MONTH, lines, "billed", currency)
    return [[line.rsplit(None, 1) for line in table.splitlines()] for table in text.split("\n\n")]


def assert_one_number(connection: duckdb.DuckDBPyConnection) -> None:
    posted = cells(chargeback(connection, MONTH, "billed", "USD"))
    shown = cells(showback(connection, MONTH, "billed", "USD"))
    total = sum(exact(connection, "1").values())
    rounded = sum((row["total"] for row in posted), Decimal())
    assert abs(rounded - total) <= CENT / 2
    for row in posted:
        assert row["direct"] + row["residual"] == row["total"]
    within_a_cent(summed(posted, "billing_account", "total"), exact(connection, "account"))
    within_a_cent(summed(posted, "team", "total"), exact(connection, "team"))
    within_a_cent(
        {(row["billing_account"], row["team"]): row["total"] for row in posted},
        exact(connection, "(account, team)"),
    )
    assert summed(shown, "team", "billed_cost") == summed(posted, "team", "total")
    within_a_cent(
        {(row["team"], row["feature"]): row["billed_cost"] for row in shown},
        exact(connection, "(team, feature)"),
    )
    features, teams, _ = printed(connection)
    assert_table(features, exact(connection, "feature"), rounded)
    assert_table(teams, exact(connection, "team"), rounded)
    of_teams = summed(posted, "team", "total")
    for name, text in teams[1:]:
        if name in of_teams:
            assert Decimal(text) == of_teams[name]
    accounts = summed(posted, "billing_account", "total")
    lines = posted_lines(connection, MONTH, unit_of("USD"))
    for line in reconciliation(connection, {MONTH: lines}, "USD").splitlines()[1:]:
        _, _, account, invoice, allocated, *parts, unexplained = line.split()
        assert Decimal(allocated) == accounts[account] == sum(map(Decimal, parts))
        assert abs(Decimal(invoice) - Decimal(allocated)) <= CENT
        assert unexplained == "0.00"


def assert_table(
    table: Sequence[Sequence[str]], amounts: Mapping[Any, Decimal], total: Decimal
) -> None:
    shown = {name: Decimal(text) for name, text in table[1:]}
    assert shown.pop("total") == total == sum(shown.values())
    known = {name: cents for name, cents in shown.items() if name in amounts}
    within_a_cent(known, {name: amounts[name] for name in known})
    [rest] = [cents for name, cents in shown.items() if name not in amounts] or [Decimal()]
    others = sum((amount for name, amount in amounts.items() if name not in known), Decimal())
    assert abs(rest - others) < CENT


AMOUNT = st.sampled_from(
    [4 * 10**9, 5 * 10**9, -5 * 10**9, 10**10, 1, -1, 14 * 10**9, 3 * 10**12, -2 * 10**12]
) | st.integers(-(10**13), 10**13)
MONEY = st.tuples(
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from([f"t{n:02}" for n in range(16)]),
    st.sampled_from([f"f{n:02}" for n in range(16)]),
    st.sampled_from([None, None, "tax", "credit"]),
    AMOUNT,
)


@settings(max_examples=20, deadline=None)
@given(st.lists(MONEY, min_size=1, max_size=80))
def test_all_surfaces_of_any_month_have_the_same_cents(lines: list[Line]) -> None:
    with marts(lines) as connection:
        assert_one_number(connection)


@pytest.mark.parametrize(
    "lines",
    [
        [("a", f"t{n:04}", f"f{n:04}", None, 4 * 10**9) for n in range(1000)],
        [("a", "t", f"f{n:04}", None, 4 * 10**9) for n in range(1000)],
        [("a", f"t{n:04}", "f", None, 4 * 10**9) for n in range(1000)],
        [(f"a{n:03}", "t", "f", None, 4 * 10**9) for n in range(1000)],
        [(f"a{n % 4}", f"t{n // 4:03}", f"f{n % 7}", None, -6 * 10**9) for n in range(1000)],
        [("ab"[n % 2], f"t{n // 2}", "f", (None, "tax")[n % 2], 5 * 10**9) for n in range(800)],
    ],
    ids=["lines", "features", "teams", "accounts", "negative", "halves"],
)
def test_a_thousand_lines_of_less_than_half_a_cent_are_their_sum(lines: list[Line]) -> None:
    """Trap 8: rounding happens once, at the total. 1,000 times 0.004 is 4.00, whichever dimension
    has the thousand.
    """
    with marts(lines) as connection:
        assert_one_number(connection)
        total = chargeback(connection, MONTH, "billed", "USD").totals["total"]
        assert Decimal(total) == Decimal(sum(line[-1] for line in lines)) / 10**12


def test_an_account_is_its_invoice_in_cents() -> None:
    """4.9143 and its like on two accounts that are whole cents each."""
    parts = [4_914_318_870_000, 33_333_333_333, 52_347_796_667]
    lines: list[Line] = [("a", f"t{n}", "f", None, amount) for n, amount in enumerate(parts)] + [
        ("b", f"t{n}", "f", None, amount) for n, amount in enumerate(reversed(parts))
    ]
    with marts(lines) as connection:
        posted = cells(chargeback(connection, MONTH, "billed", "USD"))
        assert summed(posted, "billing_account", "total") == {
            "a": Decimal("5.00"),
            "b": Decimal("5.00"),
        }
        assert_one_number(connection)


@pytest.mark.parametrize(
    ("currency", "rows", "total"),
    [
        ("JPY", ["3", "2"], "5"),
        ("KWD", ["2.500", "2.500"], "5.000"),
        ("EUR", ["2.50", "2.50"], "5.00"),
    ],
)
def test_a_cent_is_the_smallest_unit_of_the_currency(
    currency: str, rows: list[str], total: str
) -> None:
    lines: list[Line] = [("a", team, "f", None, 25 * 10**11) for team in ("x", "y")]
    with marts(lines, currency) as connection:
        table = chargeback(connection, MONTH, "billed", currency)
        assert [f"{row['total']}" for row in cells(table)] == rows
        assert table.totals["total"] == total
        assert [line[1] for line in printed(connection, currency)[1][1:]] == [*rows, total]


def test_each_column_is_in_cents_or_exact() -> None:
    """Unit costs are fractions of a cent in every row, money has two places in every row."""
    with marts([("a", "t", "f", None, 10**13), ("a", "u", "g", None, 10**9)]) as connection:
        for table in (
            chargeback(connection, MONTH, "billed", "USD"),
            showback(connection, MONTH, "billed", "USD"),
        ):
            for column in table.columns:
                values = [row[column] for row in cells(table)]
                places = {
                    value.as_tuple().exponent for value in values if isinstance(value, Decimal)
                }
                assert len(places) <= 1, column


def test_an_unexplained_thousandth_is_shown_and_its_column_has_one_number_of_places() -> None:
    with marts([("a", "t", "f", None, 10**13), ("b", "t", "f", None, 10**13)]) as connection:
        connection.execute(
            "update mart_reconciliation_monthly set unexplained = 0.001 where billing_account = 'b'"
        )
        lines = posted_lines(connection, MONTH, unit_of("USD"))
        text = reconciliation(connection, {MONTH: lines}, "USD")
        assert [line.split()[-1] for line in text.splitlines()[1:]] == ["0.000", "0.001"]
