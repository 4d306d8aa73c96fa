"""Random commitments, and a plain reading of their rules."""

from decimal import ROUND_DOWN, Decimal
from fnmatch import fnmatchcase
from random import Random
from typing import Any, Final

import duckdb
import pyarrow as pa

from ingestion.commitment_table import SCOPE_FIELDS
from ingestion.reference_details import CONDITIONS
from ingestion.reference_values import END, START
from ingestion.rule_match import condition_rows, conditions

PICO: Final = Decimal("1e-12")
MILLIONTH: Final = Decimal("0.000001")


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


def land_commitments(
    connection: duckdb.DuckDBPyConnection, lines: list[dict[str, Any]], schema: pa.Schema
) -> None:
    tables = {
        "commitments": pa.Table.from_pylist(lines, schema),
        "commitment_conditions": pa.Table.from_pylist(
            condition_rows(lines, SCOPE_FIELDS, "scope"), CONDITIONS
        ),
    }
    for name, table in tables.items():
        connection.register("given", table)
        connection.execute(f"create or replace table landing.{name} as select * from given")
        connection.unregister("given")


def expected_months(
    connection: duckdb.DuckDBPyConnection, lines: list[dict[str, Any]]
) -> list[tuple[Any, ...]]:
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
