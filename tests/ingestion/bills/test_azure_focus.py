"""Azure's FocusCost dataset as its exports deliver it: rows worked out by hand, restated runs, and
the same month as ActualCost.
"""

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.landing.loading import LoadResult
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace.settings import load_workspace
from ingestion.workspace.sources import Bill
from simulation.simulate import simulate
from tests.ingestion.readers import landed

FIXTURE = Path(__file__).parent / "fixtures/azure_focus"
ENROLMENT = "52128651"
PATH = f"/providers/Microsoft.Billing/billingAccounts/{ENROLMENT}"
OCTOBER = "20261001-20261031"
# Of the landed charges under the names of october.expected.csv.
CHARGES = """
    record_no, charge_kind, charge_category, charge_class, billed_cost_in_billing_currency,
    charge_description, model, meter, service_tier, region, consumed_quantity, consumed_unit,
    strftime(charge_period_start at time zone 'UTC', '%Y-%m-%d')
"""
NUMBERS = ("record", "quantity", "cost")


def october() -> str:
    return (FIXTURE / "october.csv").read_text("utf-8-sig")


def deliver(
    exports: Path, run: str, text: str, submitted: str, dataset: str = "FocusCost", **said: Any
) -> None:
    folder = exports / run
    folder.mkdir(parents=True)
    (folder / "part_0_0001.csv").write_text(text, "utf-8-sig")
    manifest = {
        "blobs": [{"blobName": f"billing/{run}/part_0_0001.csv"}],
        "exportConfig": {"type": dataset, "dataVersion": "1.2-preview", "granularity": "Daily"},
        "runInfo": {"submittedTime": submitted},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest | said))


def load(exports: Path, account: str = ENROLMENT) -> tuple[LoadResult, Landing]:
    landing = Landing(open_storage(str(exports.parent / "landing")))
    bill = Bill("azure", "azure_focus", account, str(exports), None, "bill", {})
    return load_bill(bill, landing), landing


def test_every_kind_of_row(tmp_path: Path) -> None:
    exports, cache = tmp_path / "exports", tmp_path / "cache"
    deliver(exports, f"monthly/{OCTOBER}/r1", october(), "2026-11-03T02:00:00Z", dataRowCount=18)
    result, landing = load(exports)
    assert (result.records, result.landed, result.quarantined) == (18, 13, 2)
    with (FIXTURE / "october.expected.csv").open(newline="") as file:
        expected = [
            tuple(
                (Decimal(text) if column in NUMBERS else text) if text else None
                for column, text in row.items()
            )
            for row in csv.DictReader(file)
        ]
    assert landed(landing, cache, "charges", CHARGES) == expected
    whose = "provider, billing_account, sub_account_id, sub_account_name, billing_currency"
    assert set(landed(landing, cache, "charges", whose)) == {
        ("azure", ENROLMENT, "s-1", "ai-prod", "EUR")
    }
    assert landed(landing, cache, "quarantine", "record_no, field, reason") == [
        (13, "BilledCost", "not a number"),
        (14, "BillingAccountId", "another account than the bill's: give it a bill of its own"),
    ]
    foreign = "service, charge_category, billed_cost_in_billing_currency"
    assert sorted(landed(landing, cache, "foreign_charges", foreign)) == [
        ("Azure AI services", "Usage", Decimal("1.13")),
        ("Virtual Machines", "Usage", Decimal("9.22")),
        ("no service", "Adjustment", Decimal("0.02")),
    ]


def test_of_a_month_the_run_submitted_last_stands(tmp_path: Path) -> None:
    """Daily exports of the month to date and the monthly one overlap."""
    exports = tmp_path / "exports"
    head, first, *others = october().splitlines(keepends=True)
    deliver(exports, f"daily/{OCTOBER}/r1", head + first, "2026-10-20T02:00:00Z")
    deliver(exports, f"monthly/{OCTOBER}/r2", "".join([head, first, *others]), "2026-11-03T02:00Z")
    assert load(exports)[0].landed == 13
    deliver(exports, f"monthly/{OCTOBER}/r3", head + first * 2, "2026-11-05T02:00:00Z")
    _, landing = load(exports)
    pulls = "pulled_at::date::varchar, row_count"
    assert landed(landing, tmp_path / "cache", "bill_buckets", pulls) == [
        *(("2026-11-03", 13), ("2026-11-05", 2)),
    ]


def test_runs_of_other_datasets_are_other_bills(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    deliver(exports, f"focus/{OCTOBER}/r1", october(), "2026-11-03T02:00:00Z")
    text = "BillingAccountId,Cost\n1,2\n"
    deliver(exports, f"actual/{OCTOBER}/r2", text, "2026-11-04T02:00:00Z", "ActualCost")
    assert load(exports)[0].landed == 13


def test_what_the_manifest_promises_is_counted(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    deliver(exports, f"monthly/{OCTOBER}/r1", october(), "2026-11-03T02:00:00Z", dataRowCount=20)
    with pytest.raises(SourceError, match="r1 promises 20 rows, and its files have 18"):
        load(exports)


@pytest.mark.parametrize(
    ("account", "said", "quarantined"),
    [
        ("52128651", PATH, 2),
        ("52128651", f"{PATH}/billingProfiles/B-1", 2),
        ("77777777", PATH, 15),
        ("enrolment of our own name", "anything", 1),
    ],
)
def test_rows_of_another_account_are_quarantined(
    account: str, said: str, quarantined: int, tmp_path: Path
) -> None:
    text = october().replace(PATH, said)
    deliver(tmp_path / "exports", f"monthly/{OCTOBER}/r1", text, "2026-11-03T02:00:00Z")
    assert load(tmp_path / "exports", account)[0].quarantined == quarantined


# What both say of a line, words apart.
SHARED = """
    sub_account_id, coalesce(region, ''), charge_period_start::varchar, charge_kind,
    coalesce(charge_class, ''), coalesce(model, ''), coalesce(meter, ''),
    coalesce(service_tier, ''), coalesce(consumed_quantity, 0), billed_cost_in_billing_currency
"""


def told(folder: Path, form: str) -> list[tuple[Any, ...]]:
    simulate(folder, 600, 30, 5, start=date(2026, 9, 5), clouds=(form,))
    [bill] = [each for each in load_workspace(folder).bills if each.name == "azure"]
    landing = Landing(open_storage(str(folder / "landing")))
    assert load_bill(bill, landing).quarantined == 0
    return sorted(landed(landing, folder / "cache", "charges", SHARED))


def test_a_month_as_actual_cost_and_as_focus_is_one_bill(tmp_path: Path) -> None:
    actual, focus = told(tmp_path / "actual", "azure"), told(tmp_path / "focus", "azure_focus")
    assert actual == focus
    assert len(actual) > 100
