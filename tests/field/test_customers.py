"""Customers by glob: the request keeps its id, tier, plan and costs are the row's."""

from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.reference.files import ReferenceError, read_reference
from ingestion.workspace.settings import load_workspace
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, costs, line, log, write_company

CUSTOMERS = """\
customer_id,tier,plan,valid_from,valid_to
acme-*,pro,yearly,,
acme-eu-*,enterprise,yearly,,
acme-eu-1,free,monthly,,2026-10-05T12:00:00Z
*-trial,trial,,,
solo,free,monthly,,
"""
# customer and hour of a call -> tier, plan, and whom its money is of
CALLS = {
    ("acme-1", 10): ("pro", "yearly", "acme-*"),
    ("acme-2", 10): ("pro", "yearly", "acme-*"),
    ("acme-eu-1", 10): ("free", "monthly", "acme-eu-1"),
    ("acme-eu-1", 13): ("enterprise", "yearly", "acme-eu-*"),
    ("acme-eu-7", 10): ("enterprise", "yearly", "acme-eu-*"),
    ("x-trial", 10): ("trial", "__unallocated__", "*-trial"),
    ("solo", 10): ("free", "monthly", "solo"),
    ("solo-2", 10): ("__unallocated__", "__unallocated__", "solo-2"),
}


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    calls = [
        call(f"2026-10-05T{hour}:00:00Z", "gpt-4o", 100, who=who, request_id=f"{who}@{hour}")
        for who, hour in CALLS
    ]
    bill = line("2026-10-05", "gpt-4o-2024-08-06, input", str(len(calls)), 100 * len(calls), None)
    files = {
        "logs/proxy.jsonl": log(calls),
        "openai/1.json": costs(bill),
        "reference/customers.csv": CUSTOMERS,
    }
    folder: Path = tmp_path_factory.mktemp("customers")
    return Company(project, write_company(folder, files))


def test_the_request_keeps_its_customer_and_has_the_rows_tier_and_plan(company: Company) -> None:
    found = company.query("select request_id, customer_id, tier, plan, customer from fct_requests")
    assert sorted(found) == sorted(
        (f"{customer}@{hour}", customer, *expected) for (customer, hour), expected in CALLS.items()
    )


def test_costs_of_customers_that_one_row_names_are_one(company: Company) -> None:
    expected = {customer: Decimal(0) for *_, customer in CALLS.values()}
    for *_, customer in CALLS.values():
        expected[customer] += 1
    assert company.by("customer_id", "fct_customer_costs") == expected


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("a-*,pro\n*-a,free", "3: customer_id: `*-a` ties with line 2 (`a-*`)"),
        ("a-*,pro\na-*,free", "3: customer_id: `a-*` ties with line 2 (`a-*`)"),
        ("a-b*,pro\na*-b,free", "3: customer_id: `a*-b` ties with line 2 (`a-b*`)"),
        ("a-*,pro\na-1,free\na-1*,free\nb-*,free", None),
    ],
)
def test_globs_that_tie_are_an_error(rows: str, problem: str | None, tmp_path: Path) -> None:
    files = {"reference/customers.csv": f"customer_id,tier\n{rows}\n"}
    workspace = load_workspace(write_company(tmp_path, files))
    if problem is None:
        assert read_reference(workspace)["customers"].num_rows == 4
        return
    with pytest.raises(ReferenceError) as error:
        read_reference(workspace)
    assert f"customers.csv:{problem}" in str(error.value)
