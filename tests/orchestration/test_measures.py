"""What Dagster plots of the marts: sums, and nothing where nobody knows."""

import duckdb
import pytest

from orchestration.publishing.measures import measures

TABLES = """
    CREATE TABLE mart_reconciliation_monthly (
        billed DECIMAL(38, 12), unexplained DECIMAL(38, 12), estimated_cost DECIMAL(38, 12));
    CREATE TABLE fct_cost_daily (
        team VARCHAR, feature VARCHAR, billed_cost DECIMAL(38, 12), requests BIGINT);
    CREATE TABLE mart_data_quality_daily (records_quarantined BIGINT, requests_unpriced BIGINT);
    CREATE TABLE mart_chargeback_monthly (billing_month DATE, status VARCHAR);
    INSERT INTO fct_cost_daily VALUES ('search', '__unallocated__', 7.25, 4), ('ads', 'chat', 3, 2);
    INSERT INTO mart_chargeback_monthly
        VALUES ('2026-09-01', 'incomplete'), ('2026-10-01', 'billed');
"""


@pytest.mark.parametrize(
    ("rows", "unexplained"),
    [
        ("(10.25, NULL, 1)", None),
        ("(10.25, 0, 1)", 0.0),
        ("(4, NULL, 1), (6.25, -0.5, 0)", 0.5),
        ("(4, 0.25, 1), (6.25, -0.5, 0)", 0.75),
    ],
)
def test_what_is_unexplained_is_unknown_without_an_invoice(
    rows: str, unexplained: float | None
) -> None:
    with duckdb.connect() as marts:
        marts.execute(TABLES)
        marts.execute(f"INSERT INTO mart_reconciliation_monthly VALUES {rows}")
        found = measures(marts, "EUR")
    assert found.pop("unexplained (EUR)", None) == unexplained
    assert found == {
        "billed (EUR)": 10.25,
        "estimated (EUR)": 1.0,
        "without a team (EUR)": 0.0,
        "without a feature (EUR)": 7.25,
        "requests": 6,
        "quarantined": 0,
        "unpriced requests": 0,
        "months that cannot be posted": 1,
    }
