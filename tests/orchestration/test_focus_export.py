"""FOCUS files of a month: typed Parquet, CSV that no spreadsheet runs, the same bytes."""

import csv
import hashlib
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.workspace.settings import Workspace
from orchestration.checks.month_status import CLOSED
from orchestration.exports import focus
from orchestration.exports.focus import focus_files
from orchestration.exports.focus_invoices import BILLING_PERIOD, invoice_tables
from orchestration.exports.months import export_open_months, remove_vanished_months
from orchestration.publishing.marts import open_marts
from orchestration.publishing.origin import origin_of
from orchestration.publishing.publish import publish
from orchestration.running.source_states import SourceState, write_state
from tests.orchestration.small_warehouse import MODELS, write_warehouse, write_workspace

CORRECTIONS = """
    create table mart_corrections as select
        date '2026-09-01' as billing_month, date '2026-10-01' as posting_month,
        'openai' as provider, 'a' as billing_account, 'red' as team, 'CC1' as cost_center,
        'chat' as feature, 'late_log' as reason, 'owners' as part, 'posts' as status,
        1::decimal(38, 12) as amount, 'EUR' as currency
    limit 0
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = write_workspace(tmp_path / "acme")
    write_warehouse(workspace.warehouse, {"2026-09-01": ("a", 1)})
    write_state(workspace, SourceState("prod", "ok"))
    publish(workspace.warehouse, workspace.marts, MODELS, origin_of(workspace))
    return workspace


def test_a_month_leaves_in_focus_too(workspace: Workspace) -> None:
    export_open_months(workspace)
    folder = Path(workspace.exports) / "2026-09"
    table = pq.read_table(folder / "focus_1_2.parquet")
    assert table.schema.field("ChargePeriodStart").type == pa.timestamp("us", "UTC")
    assert table.schema.field("BilledCost").type == pa.decimal128(38, 12)
    [row] = table.to_pylist()
    assert row["ChargePeriodStart"] == datetime(2026, 9, 3, 10, tzinfo=UTC)
    assert (row["BilledCost"], row["x_ChargeId"]) == (Decimal("33.35"), "-c")
    with (folder / "focus_1_2.csv").open(newline="") as file:
        [line] = csv.DictReader(file)
    assert list(line) == table.column_names
    assert line["ChargePeriodStart"] == "2026-09-03T10:00:00Z"
    assert (line["BilledCost"], line["x_ChargeId"]) == ("33.350000000000", "'-c")
    assert (line["Tags"], line["x_UsageDate"], line["x_Model"]) == (
        '{"team":"=hr"}',
        "2026-09-03",
        "",
    )


def test_a_charge_that_one_owner_has_whole_is_a_split_of_one(workspace: Workspace) -> None:
    export_open_months(workspace)
    [row] = pq.read_table(Path(workspace.exports) / "2026-09/focus_1_3.parquet").to_pylist()
    assert {name: row[name] for name in row if name.startswith("Allocated")} == {
        "AllocatedMethodDetails": '{"Elements":[{"AllocatedRatio":1.000000000000}]}',
        "AllocatedMethodId": "tollbook/quantity",
        "AllocatedResourceId": "team/=hr",
        "AllocatedResourceName": "=hr",
        "AllocatedTags": '{"team":"=hr"}',
    }
    assert (row["Tags"], row["HostProviderName"], row["BilledCost"]) == (
        None,
        "OpenAI",
        Decimal("33.35"),
    )


def test_invoices_and_periods_are_told_as_of_1_4(workspace: Workspace) -> None:
    """What a bill does not tell is empty: times of records, terms and due dates."""
    export_open_months(workspace)
    folder = Path(workspace.exports) / "2026-09"
    with (folder / "focus_1_4_invoice_detail.csv").open(newline="") as file:
        [line] = csv.DictReader(file)
    assert {name: text for name, text in line.items() if text} == {
        "BilledCost": "33.350000000000",
        "BillingAccountId": "org-a",
        "BillingCurrency": "USD",
        "BillingPeriodEnd": "2026-10-01T00:00:00Z",
        "BillingPeriodStart": "2026-09-01T00:00:00Z",
        "ChargeCategory": "Usage",
        "InvoiceDetailDescription": "OpenAI API, usage",
        "InvoiceDetailGrain": '{"ServiceName":"OpenAI API"}',
        "InvoiceDetailId": "INV-9/OpenAI API/Usage",
        "InvoiceId": "INV-9",
        "InvoiceIssueStatus": "Issued",
        "InvoiceIssuerName": "OpenAI",
        "ReferenceInvoiceId": "INV-9",
    }
    with (folder / "focus_1_4_billing_period.csv").open(newline="") as file:
        [period] = csv.DictReader(file)
    assert {name: text for name, text in period.items() if text} == {
        "BillingPeriodEnd": "2026-10-01T00:00:00Z",
        "BillingPeriodStart": "2026-09-01T00:00:00Z",
        "BillingPeriodStatus": "Open",
        "InvoiceIssuerName": "OpenAI",
    }
    with open_marts(workspace.marts) as connection:
        closed = invoice_tables(connection, date(2026, 9, 1), CLOSED)
    assert [row[4] for row in closed[BILLING_PERIOD].rows] == ["Closed"]


def test_the_manifest_has_what_is_billed_in_each_currency(workspace: Workspace) -> None:
    export_open_months(workspace)
    folder = Path(workspace.exports) / "2026-09"
    files = json.loads((folder / "manifest.json").read_text())["files"]
    for name in focus.FOCUS_FILES:
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        assert files[name] == {
            "rows": 1,
            "sha256": digest,
            "totals": {"BilledCost USD": "33.350000000000"},
        }


def test_a_month_of_estimates_has_no_charges_and_a_whole_header(workspace: Workspace) -> None:
    export_open_months(workspace)
    folder = Path(workspace.exports) / "2026-10"
    table = pq.read_table(folder / "focus_1_2.parquet")
    lines = (folder / "focus_1_2.csv").read_text().splitlines()
    assert table.num_rows == 0
    assert list(csv.reader(lines)) == [table.column_names]


def test_a_month_that_vanished_leaves_no_file(workspace: Workspace) -> None:
    export_open_months(workspace)
    with duckdb.connect(workspace.warehouse) as connection:
        for table in ("chargeback", "reconciliation"):
            connection.execute(
                f"delete from mart_{table}_monthly where billing_month < '2026-10-01'"
            )
        connection.execute("delete from mart_showback_monthly")
    publish(workspace.warehouse, workspace.marts, MODELS, origin_of(workspace))
    remove_vanished_months(workspace)
    left = (Path(workspace.exports) / "2026-09").rglob("*")
    assert [file for file in left if file.is_file()] == []


def test_bytes_do_not_depend_on_how_rows_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups of rows are as many as ROWS says, whatever batches and threads DuckDB has."""
    monkeypatch.setattr(focus, "ROWS", 3_000)
    found = []
    for threads, order in ((1, "asc"), (4, "desc")):
        with duckdb.connect() as connection:
            connection.execute(f"set TimeZone = 'UTC'; set threads = {threads}")
            connection.execute(
                f"create table mart_focus as select {_rows()} from range(10_000) as numbers (i)"
                f" order by i {order}"
            )
            connection.execute(CORRECTIONS)
            found.append(focus_files(connection, date(2026, 10, 1), "billed"))
    assert found[0] == found[1]
    parquet = pq.ParquetFile(io.BytesIO(found[0]["focus_1_2.parquet"].data))
    groups = [parquet.metadata.row_group(n).num_rows for n in range(parquet.num_row_groups)]
    assert groups == [3_000, 3_000, 3_000, 1_000]
    assert found[0]["focus_1_2.csv"].totals == {"BilledCost EUR": "1000.000000000000"}
    split = pq.read_table(io.BytesIO(found[0]["focus_1_3.parquet"].data)).to_pylist()
    assert len(split) == 10_000
    assert len({row["x_ChargeId"] for row in split}) == 1_000


def _rows() -> str:
    """Charges of ten rows each."""
    said = {
        "BilledCost": "0.1::decimal(38, 12)",
        "BillingAccountId": "'a'",
        "BillingCurrency": "'EUR'",
        "BillingPeriodStart": "timestamp '2026-10-01'",
        "ChargeCategory": "'Usage'",
        "ChargePeriodStart": "timestamp '2026-10-01'",
        "ConsumedQuantity": "i::decimal(38, 6)",
        "ConsumedUnit": "'Tokens'",
        "EffectiveCost": "0.1::decimal(38, 12)",
        "InvoiceId": "null::varchar",
        "PricingCategory": "'Standard'",
        "ProviderName": "'OpenAI'",
        "Tags": "'{}'",
        "x_ChargeId": "format('{:06}', i % 1_000)",
        "x_Model": "format('{:06}', i)",
        "x_Provider": "'openai'",
        "x_UsageDate": "null::date",
    }
    said |= {name: "null::varchar" for name in focus.ORDER if name not in said}
    return ", ".join(f'{value} as "{name}"' for name, value in said.items())
