"""Reports of what was used of seats (Copilot, Cursor): rows worked out by hand."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.bills.cursor_usage import KINDS
from ingestion.bills.tables.patterns import unproven
from ingestion.records import SourceError
from tests.ingestion.bills.test_consoles import Console, fixture

ROWS = """
    record_no, strftime(bucket_start, '%Y-%m-%d'), strftime(charge_period_start, '%Y-%m-%d'),
    person, used, overage
"""


def by_hand(bill_format: str, name: str = "october.expected.csv") -> list[tuple[Any, ...]]:
    lines = csv.DictReader(fixture(bill_format, name).splitlines())
    numbers = ("record_no", "used", "overage")
    return [
        tuple(Decimal(text) if name in numbers else text or None for name, text in row.items())
        for row in lines
    ]


@pytest.mark.parametrize(
    ("bill_format", "name", "rows", "counts", "bad"),
    [
        (
            "copilot_usage",
            "october.csv",
            "october.expected.csv",
            (10, 7, 2, 1),
            [(4, "unit_type"), (6, "net_amount")],
        ),
        (
            "copilot_usage",
            "october.json",
            "answers.expected.csv",
            (6, 3, 2, 1),
            [(4, "user"), (5, "timePeriod")],
        ),
        (
            "cursor_usage",
            "october.json",
            "october.expected.csv",
            (9, 6, 3, 0),
            [(5, "kind"), (6, "isChargeable"), (7, "timestamp")],
        ),
    ],
)
def test_a_months_report(
    tmp_path: Path,
    bill_format: str,
    name: str,
    rows: str,
    counts: tuple[int, ...],
    bad: list[tuple[int, str]],
) -> None:
    report = Console(tmp_path, bill_format)
    result = report.save(name, fixture(bill_format, name))
    foreign = result.records - result.landed - result.quarantined
    assert (result.records, result.landed, result.quarantined, foreign) == counts
    assert sorted(report.rows("seat_reports", ROWS)) == by_hand(bill_format, rows)
    assert report.rows("quarantine", "record_no, field") == bad
    whose = "product, provider, billing_account, billing_currency"
    [of] = set(report.rows("seat_reports", whose))
    product = bill_format.removesuffix("_usage")
    assert of == (product, {"copilot": "github"}.get(product, product), "acct", "USD")
    assert report.rows("charges", "record_no") == []


def test_what_github_sells_besides_is_summed_up(tmp_path: Path) -> None:
    report = Console(tmp_path, "copilot_usage")
    report.save("october.csv", fixture("copilot_usage"))
    sums = "service, row_count, billed_cost_in_billing_currency"
    assert report.rows("foreign_charges", sums) == [("actions", 1, Decimal("0.5"))]


def test_a_report_saved_anew_replaces_its_month(tmp_path: Path) -> None:
    report = Console(tmp_path, "copilot_usage")
    report.save("october.csv", fixture("copilot_usage"))
    head, *lines = fixture("copilot_usage").splitlines()
    report.save("october.csv", "\n".join([head, *lines[:1]]))
    assert report.rows("bill_buckets", "batch, bucket_start::date::varchar, row_count") == [
        (1, "2026-09-01", 1),
        (1, "2026-10-01", 6),
        (2, "2026-10-01", 1),
    ]


EVENT = """{"timestamp": "%s", "kind": "Usage-based", "chargedCents": 1}"""


def test_a_page_of_several_is_refused_and_a_day_is_told_once(tmp_path: Path) -> None:
    report = Console(tmp_path, "cursor_usage")
    page = '{"pagination": {"hasNextPage": true}, "usageEvents": [%s]}'
    with pytest.raises(SourceError, match=r"pagination\.hasNextPage. promises a further page"):
        report.save("october.json", page % (EVENT % 1791849600000))
    report.save("october.json", f"[{EVENT % 1791849600000}, {EVENT % 1791849600001}]")
    assert report.rows("seat_reports", "count(*), sum(overage)::double") == [(2, 0.02)]
    with pytest.raises(SourceError, match="both have charges of 2026-10-13"):
        report.save("more.json", f"[{EVENT % 1791849600002}]")


def test_what_is_spent_to_date_is_no_report_of_events(tmp_path: Path) -> None:
    report = Console(tmp_path, "cursor_usage")
    with pytest.raises(SourceError, match="has no list `usageEvents`"):
        report.save("spend.json", '{"teamMemberSpend": [{"spendCents": 2450}], "totalPages": 1}')


def test_every_kind_of_event_is_proven_by_its_examples() -> None:
    assert unproven(KINDS) == []
