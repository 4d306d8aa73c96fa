"""Commitments measured end to end, and random ones beside a plain reading of the rules."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, Final

import duckdb
import pytest
from compiled_project import CompiledProject
from random_commitments import expected_months, land_commitments, random_commitment
from workspace_runs import run
from workspaces import query, write_files

from ingestion.reference import read_reference
from ingestion.workspace import load_workspace

WORKSPACE: Final = "company: Acme\ngateways:\n  - {name: log, format: generic, location: logs}\n"
LOG: Final = "timestamp,model_name,provider,input_token_count,output_token_count\n"
PRICES: Final = "provider,model,meter,unit_price_per_million\n"
CONTRACTS: Final = "provider,model,discount_percent\nacme,*,10\n"
COMMITMENTS: Final = (
    "commitment_id,provider,scope,committed_amount,period,discount_percent,overage_percent,owner,"
    "valid_from,valid_to\n"
)
# model -> what is used of it in October; a token costs one dollar
USED: Final = {
    "used-100": 100_000,
    "used-90": 90_000,
    "used-70": 70_000,
    "used-50": 50_000,
    "over": 110_000,
    "twins": 150_000,
}
MODELS: Final = (
    *("int_commitments", "int_commitment_usage", "int_commitment_scopes", "int_commitment_uses"),
    "mart_commitments_monthly",
)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commitments")
    days = [f"2026-10-{day:02}T10:00:00Z" for day in (1, 9, 31)]
    lines = [
        f"{day},{model},acme,{part},0\n"
        for model, tokens in USED.items()
        for day, part in zip(days, (tokens // 5, tokens // 2, tokens * 3 // 10), strict=True)
    ]
    commitments = [
        *(f"{model},acme,model={model},100000,,30,25,hr,," for model in USED if model != "twins"),
        "twin-b,acme,model=twins,100000,,30,,,2026-10-01,",
        "twin-a,acme,model=twins & meter=input,240000,year,20,,,2026-10-01,2027-10-01",
        "old,acme,,100000,,30,,,,2026-10-01",
    ]
    write_files(
        folder,
        {
            "tollbook.yaml": WORKSPACE,
            "logs/october.csv": LOG + "".join(lines),
            "reference/prices.csv": PRICES
            + "".join(f"acme,{model},input,1000000\n" for model in USED),
            "reference/contracts.csv": CONTRACTS,
            "reference/commitments.csv": COMMITMENTS + "\n".join(commitments),
        },
    )
    outcome = run(folder)
    assert outcome.status == 0, outcome.output
    return folder


def rows(folder: Path, columns: str) -> dict[str, tuple[Any, ...]]:
    found = query(folder, f"select commitment_id, {columns} from mart_commitments_monthly")
    return {name: tuple(values) for name, *values in found}


def test_scenario_commitment_savings_by_utilisation(company: Path) -> None:
    """$100k list-equivalent at 30 % off: 100 % used saves 30.0 %, 90 % 22.2, 70 % 0, 50 % -40."""
    found = rows(company, "utilisation, esr_over_list, esr_over_contracted, unused_cost, owner")
    of = {model: found[model] for model in ("used-100", "used-90", "used-70", "used-50")}
    assert of == {
        "used-100": (1, Decimal("0.3"), Decimal("0.222222"), 0, "hr"),
        "used-90": (Decimal("0.9"), Decimal("0.222222"), Decimal("0.135802"), 7_000, "hr"),
        "used-70": (Decimal("0.7"), 0, Decimal("-0.111111"), 21_000, "hr"),
        "used-50": (Decimal("0.5"), Decimal("-0.4"), Decimal("-0.555555"), 35_000, "hr"),
    }


def test_scenario_overage(company: Path) -> None:
    """110k used on a commitment of 100k: 10k at the overage rate, which is above list."""
    found = rows(
        company,
        "used_amount, unused_amount, commitment_cost, overage_amount, overage_cost, coverage",
    )
    assert found["over"] == (100_000, 0, 70_000, 10_000, 12_500, Decimal("0.909090"))


def test_commitments_of_one_scope_stand_in_line(company: Path) -> None:
    """The twelfth of a year, 20k, by id first; then 100k; 30k are over, under the last in line."""
    found = rows(company, "committed_amount, used_amount, overage_amount, usage_in_scope, coverage")
    assert found["twin-a"] == (20_000, 20_000, 0, 150_000, Decimal("0.133333"))
    assert found["twin-b"] == (100_000, 100_000, 30_000, 150_000, Decimal("0.666666"))


def test_a_commitment_that_has_ended_has_no_month(company: Path) -> None:
    months = query(company, "select distinct billing_month::varchar from mart_commitments_monthly")
    assert (months, "old" in rows(company, "owner")) == ([("2026-10-01",)], False)


@pytest.fixture
def warehouse(company: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    copy = tmp_path / "warehouse.duckdb"
    copy.write_bytes((company / "warehouse.duckdb").read_bytes())
    with duckdb.connect(copy) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def test_random_commitments_are_what_the_rules_say(
    company: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    """used + unused = committed, used + overage <= usage, nothing is covered twice."""
    project = CompiledProject(company)
    schema = read_reference(load_workspace(company))["commitments"].schema
    random = Random("commitments")
    for _ in range(30):
        lines = [random_commitment(random, number) for number in range(random.randint(0, 7))]
        land_commitments(warehouse, lines, schema)
        project.build(warehouse, MODELS)
        assert "assert_commitments_cover_usage_once" not in project.failing(warehouse)
        found = warehouse.execute(
            "select commitment_id, committed_amount, commitment_cost, usage_in_scope, used_amount,"
            " overage_amount, utilisation from main.mart_commitments_monthly order by 1"
        ).fetchall()
        assert found == expected_months(warehouse, lines)
