"""Together's billing usage: line items inside windows, worked out by hand."""

from pathlib import Path

import pytest

from ingestion.bills import together
from ingestion.bills.tables.patterns import unproven
from ingestion.records import SourceError
from tests.ingestion.bills.test_consoles import CHARGES, Console, expected, fixture


def test_a_months_page(tmp_path: Path) -> None:
    console = Console(tmp_path, "together")
    result = console.save("october.json", fixture("together", "october.json"))
    assert (result.records, result.landed, result.quarantined) == (10, 8, 2)
    assert sorted(console.rows("charges", CHARGES.format(last="principal_id"))) == expected(
        "together"
    )
    bad = [(5, "cost", "not a number"), (6, "line_items", "not an object")]
    assert console.rows("quarantine", "record_no, field, reason") == bad
    told = "provider, billing_account, row_count, bucket_start::date::varchar"
    assert console.rows("bill_buckets", told) == [("together_ai", "acct", 8, "2026-10-01")]


def test_names_of_products() -> None:
    assert unproven(together.PATTERNS) == []


def test_a_page_saved_anew_replaces_its_month(tmp_path: Path) -> None:
    console = Console(tmp_path, "together")
    text = fixture("together", "october.json")
    console.save("october.json", text)
    again = console.save("october.json", text.replace('"0.88"', '"0.90"'))
    assert (again.objects_new, again.landed) == (1, 8)
    assert console.save("october.json", text.replace('"0.88"', '"0.90"')).batch is None


def test_hours(tmp_path: Path) -> None:
    console = Console(tmp_path, "together")
    console.save(
        "hours.json",
        '{"data": [{"date": "2026-10-05", "start_time": "2026-10-05T22:00:00Z",'
        ' "end_time": "2026-10-05T23:00:00Z", "line_items": [{"product_name": "Dedicated",'
        ' "quantity": "1", "unit_price": "2", "cost": "2", "pricing_dimensions": null,'
        ' "attributes": null}]}], "next_cursor": null}',
    )
    period = "strftime(charge_period_start, '%d %H'), strftime(charge_period_end, '%d %H')"
    assert console.rows("charges", period) == [("05 22", "05 23")]


REFUSED = {
    "a page of several": (
        '{"data": [], "next_cursor": "abc"}',
        "`next_cursor` promises a further page: ask for the month with `limit=1000`",
    ),
    "no beta": ('{"error": {"message": "not found", "type": "not_found"}}', "has no list `data`"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_whole_month(tmp_path: Path, name: str) -> None:
    text, problem = REFUSED[name]
    with pytest.raises(SourceError) as told:
        Console(tmp_path, "together").save("a.json", text)
    assert problem in str(told.value)


def test_a_window_without_a_list_is_quarantined_alone(tmp_path: Path) -> None:
    console = Console(tmp_path, "together")
    text = fixture("together", "october.json").replace('"line_items": []', '"line_items": 7')
    assert console.save("october.json", text).quarantined == 3
