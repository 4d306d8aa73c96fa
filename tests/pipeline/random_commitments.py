"""Random commitments, and a plain reading of their rules."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_DOWN, Decimal
from fnmatch import fnmatchcase
from random import Random
from typing import Any, Final

import duckdb
import pyarrow as pa

from ingestion.contracts import END, START
from ingestion.reference.csvs.commitments import SCOPE_FIELDS
from ingestion.reference.rules.match import condition_rows, conditions
from ingestion.reference.rules.parts import CONDITIONS

PICO: Final = Decimal("1e-12")
OCTOBER: Final = date(2026, 10, 1)
MILLIONTH: Final = Decimal("0.000001")


Lines = list[dict[str, Any]]


def random_lines(random: Random) -> tuple[Lines, Lines]:
    """Commitments, and invoices that charge for them."""
    lines = [random_commitment(random, number) for number in range(random.randint(0, 7))]
    return lines, [random_payment(random, number, lines) for number in range(4) if lines]


def random_commitment(random: Random, number: int) -> dict[str, Any]:
    scopes = (
        "",
        "model=used-*",
        "model=*0",
        "model=twins",
        "model=over & meter=input",
        "meter=out*",
    )
    return {
        "line": number + 2,
        "commitment_id": f"c{number}",
        "provider": random.choice(("acme", "acme", "other")),
        "kind": "spend",
        "scope": random.choice(scopes),
        "committed_amount": Decimal(random.randint(1, 400_000 * 10**6)) / 10**6,
        "period": "month",
        "discount_percent": Decimal(random.randint(0, 100)),
        "overage_percent": Decimal(random.randint(-100, 100)),
        "valid_from": START.replace(year=random.choice((2025, 2026))),
        "valid_to": END,
    }


def random_payment(random: Random, number: int, lines: Lines) -> dict[str, Any]:
    """Also before and after its commitment, and paying for months without it."""
    paid = random.choice(lines)
    billed, start = date(2026, random.randint(8, 12), 1), date(2026, random.randint(8, 11), 1)
    kind = random.choice(("commitment", "commitment", "shortfall"))
    months = random.randint(1, 14) if kind == "commitment" else 1
    end = start.month - 1 + months
    amount = Decimal(random.randint(-(10**12), 10**17)) / 10**12
    return {
        "line": number + 2,
        "provider": paid["provider"],
        "billing_account": "main",
        "invoice_id": f"i{number}",
        "billing_month": billed,
        "kind": kind,
        "amount": amount,
        "currency": "USD",
        "commitment_id": paid["commitment_id"],
        "pays_from": start,
        "pays_to": date(2026 + end // 12, end % 12 + 1, 1),
    }


def amortised(
    connection: duckdb.DuckDBPyConnection,
    payments: Lines,
    months: list[tuple[Any, ...]],
) -> None:
    """Asserts of each payment what it is spread to: its months, and what was used of October."""
    used = {name: (found, committed) for name, committed, _, _, found, *_ in months}
    newest = max(date(2026, 11, 1), *(payment["billing_month"] for payment in payments))
    for payment in payments:
        rows = connection.execute(
            "select billing_month, residual_cause, sum(effective_cost), sum(billed_cost)"
            " from main.fct_cost_allocations where charge_id like 'invoice:%:' || ? || ':%'"
            " group by all",
            [payment["invoice_id"]],
        ).fetchall()
        amount, start, end = payment["amount"], payment["pays_from"], payment["pays_to"]
        length = (end.year - start.year) * 12 + end.month - start.month
        begun = min((newest.year - start.year) * 12 + newest.month - start.month + 1, length)
        assert sum(row[3] for row in rows) == amount
        assert {row[0] for row in rows if row[3]} <= {payment["billing_month"]}
        effective = sum((row[2] for row in rows), Decimal(0))
        assert abs(effective - amount * max(begun, 0) / length) <= PICO
        to_owners = sum(row[2] for row in rows if row[1] is None and row[0] == OCTOBER)
        share, whole = used.get(payment["commitment_id"], (0, 1))
        covers = payment["kind"] == "commitment" and start <= OCTOBER < end
        expected = amount / length * share / whole if covers else 0
        assert abs(to_owners - expected) < MILLIONTH, payment


def land_commitments(
    connection: duckdb.DuckDBPyConnection,
    lines: Lines,
    payments: Lines,
    schemas: Mapping[str, pa.Table],
) -> None:
    tables = {
        "commitments": pa.Table.from_pylist(lines, schemas["commitments"].schema),
        "invoices": pa.Table.from_pylist(payments, schemas["invoices"].schema),
        "commitment_conditions": pa.Table.from_pylist(
            condition_rows(lines, SCOPE_FIELDS, "scope"), CONDITIONS
        ),
    }
    for name, table in tables.items():
        connection.register("given", table)
        connection.execute(f"create or replace table landing.{name} as select * from given")
        connection.unregister("given")


def expected_months(connection: duckdb.DuckDBPyConnection, lines: Lines) -> list[tuple[Any, ...]]:
    """The rules said again: in line, each commitment takes what is left, the earliest day first."""
    usage = connection.execute(
        "select model, meter, list_pico from intermediate.int_commitment_usage"
        " where provider = 'acme' order by usage_date, named_key"
    ).fetchall()
    left = {place: Decimal(pico) * PICO for place, (_, _, pico) in enumerate(usage)}
    found: dict[str, list[Decimal]] = {}
    last: dict[int, str] = {}
    in_line = sorted(lines, key=lambda line: (line["valid_from"], line["commitment_id"]))
    for line in in_line:
        scope = [place for place in left if _in_scope(line, *usage[place][:2])]
        used = Decimal(0)
        for place in scope:
            taken = min(left[place], line["committed_amount"] - used)
            left[place] -= taken
            used += taken
            last[place] = line["commitment_id"]
        in_scope = sum((Decimal(usage[place][2]) * PICO for place in scope), Decimal(0))
        found[line["commitment_id"]] = [in_scope, used, Decimal(0)]
    for place, commitment in last.items():
        found[commitment][2] += left[place]
    return [_row(line, *found[line["commitment_id"]]) for line in lines]


def _in_scope(line: dict[str, Any], model: str, meter: str) -> bool:
    of = {"model": model, "meter": meter}
    parts = conditions(line["scope"], SCOPE_FIELDS) if line["scope"] else []
    return line["provider"] == "acme" and all(
        fnmatchcase(of[each.field], each.glob) for each in parts
    )


def _row(line: dict[str, Any], in_scope: Decimal, used: Decimal, over: Decimal) -> tuple[Any, ...]:
    committed = line["committed_amount"]
    paid = committed * (100 - line["discount_percent"]) / 100
    utilisation = (used / committed).quantize(MILLIONTH, ROUND_DOWN)
    return line["commitment_id"], committed, paid, in_scope, used, over, utilisation
