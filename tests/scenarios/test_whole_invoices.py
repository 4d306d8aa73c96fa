"""An invoice that covers all of a cloud: the bill's own rows say what of it is no AI."""

from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from orchestration.checks.foreign_services import left_out
from orchestration.checks.whole_invoices import without_other_services
from orchestration.command import tollbook
from orchestration.summary.reconciliation_table import reconciliation
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, write_company
from tests.scenarios.test_bedrock import COLUMNS, MONTH, PAYER, SETTINGS, calls, cur

# beside 812.40 of EC2 of MONTH: (line item type, product, dollars)
OTHERS = (
    ("Tax", "AmazonEC2", "154.356"),
    ("Credit", "AmazonS3", "-20.004"),
    ("Fee", "AWSSupportBusiness", "100"),
)
FOREIGN = sum((Decimal(cost) for *_, cost in OTHERS), Decimal("812.40"))
AI = sum((Decimal(cost) for *_, cost in MONTH), Decimal("-812.40"))
# as AWS rounds it, once
PAYABLE = (AI + FOREIGN).quantize(Decimal("0.01"))
LOST = "USE1-Whisper9-Frobnication"
INVOICES = (
    "provider,billing_account,invoice_id,billing_month,amount,tax,credits,currency,covers\n"
    f"aws,{PAYER},INV-1,2026-10,{PAYABLE},,,USD,all\n"
)
EXPORT = "cur/data/BILLING_PERIOD=2026-10/cur-00001.csv"


def export() -> str:
    of_others = {
        "bill_billing_period_start_date": "2026-10-01T00:00:00Z",
        "bill_payer_account_id": PAYER,
        "line_item_usage_account_id": "444455556666",
        "line_item_usage_start_date": "2026-10-01T00:00:00Z",
        "line_item_usage_end_date": "2026-11-01T00:00:00Z",
        "line_item_currency_code": "USD",
    }
    lines = [cur()]
    for line_type, product, cost in OTHERS:
        row = of_others | {
            "line_item_line_item_type": line_type,
            "line_item_product_code": product,
            "line_item_unblended_cost": cost,
        }
        lines.append(",".join(row.get(name, "") for name in COLUMNS) + "\r\n")
    return "".join(lines)


def written(
    folder: Path,
    invoices: str = INVOICES,
    exported: str | None = None,
    settings: str = SETTINGS,
    **more: str,
) -> Path:
    files = {
        "logs/2026-10-07.jsonl": "".join(calls()),
        EXPORT: exported or export(),
        "reference/invoices.csv": invoices,
        "reference/teams.csv": "team_id,team_name\nsearch,Search\nchat,Chat\n",
    }
    files |= {f"reference/{name}.csv": text for name, text in more.items()}
    return write_company(folder, files, settings)


def without(text: str, words: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if words not in line)


def reconciled(company: Company) -> tuple[object, ...]:
    [row] = company.query(
        "select invoice_status, invoice_amount, allocated, foreign_services, unexplained,"
        " invoice_amount = allocated + foreign_services + unexplained"
        " from mart_reconciliation_monthly"
    )
    return row


def test_a_whole_month_of_a_cloud_ties(project: CompiledProject, tmp_path: Path) -> None:
    company = Company(project, written(tmp_path))
    assert reconciled(company) == ("tied", PAYABLE, PAYABLE - FOREIGN, FOREIGN, 0, True)
    assert abs(company.value("select rounding from mart_reconciliation_monthly")) < Decimal("0.005")
    # 0.11 and -0.05 are AI's on the bill, the rest is not its business
    assert company.query("select tax, credit from mart_reconciliation_monthly") == [
        (Decimal("0.11"), Decimal("-0.05"))
    ]
    table = reconciliation(company.connection, {}, "USD")
    assert "other services" in table and f"{FOREIGN:.2f}" in table


def test_no_dollar_of_another_service_is_in_a_fact(
    project: CompiledProject, tmp_path: Path
) -> None:
    company = Company(project, written(tmp_path))
    facts = company.query(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'main' and starts_with(table_name, 'fct_')"
        " and data_type like 'DECIMAL%' and contains(column_name, 'billed_cost')"
    )
    assert {"fct_charges", "fct_cost_allocations"} <= {table for table, _ in facts}
    for table, column in facts:
        # the dearest row of AI; those of other services are 20 and more
        assert company.value(f"select max(abs({column})) from {table}") <= Decimal("0.5"), table
    for table in ("fct_charges", "fct_cost_allocations"):
        assert company.value(f"select sum(billed_cost) from {table}") == PAYABLE - FOREIGN


def test_tax_and_credits_of_the_paper_are_other_services_too(
    project: CompiledProject, tmp_path: Path
) -> None:
    """What the row says of them is of all services: the bill says which part is AI's."""
    said = INVOICES.replace(",,,USD", ",154.47,-20.05,USD")
    assert reconciled(Company(project, written(tmp_path, said)))[0] == "tied"


def test_a_lost_row_of_ai_is_unexplained_and_one_of_ec2_is_too(
    project: CompiledProject, tmp_path: Path
) -> None:
    for words, amount, foreign in (
        (LOST, Decimal("0.5"), FOREIGN),
        ("BoxUsage", Decimal("812.40"), FOREIGN - Decimal("812.40")),
    ):
        company = Company(project, written(tmp_path / words, exported=without(export(), words)))
        status, _, _, others, unexplained, adds_up = reconciled(company)
        assert (status, others, adds_up) == ("not_tied", foreign, True)
        assert abs(Decimal(str(unexplained)) - amount) < Decimal("0.005")


def test_an_export_filtered_to_ai_refuses_the_invoice_by_its_line(
    project: CompiledProject, tmp_path: Path
) -> None:
    kept = export()
    for product in ("AmazonEC2", "AmazonS3", "AWSSupportBusiness"):
        kept = without(kept, product)
    company = Company(project, written(tmp_path, exported=kept))
    [told] = without_other_services(company.connection)
    assert told == (
        f"invoices.csv:2: covers: INV-1 covers all, and of aws {PAYER} in 2026-10 no bill has a row"
        " of another service in USD: write ai, or have the export carry all services"
    )
    [row] = company.query(
        "select invoice_status, invoice_amount, foreign_services from mart_reconciliation_monthly"
    )
    assert row == ("missing", None, 0)
    assert left_out(company.connection) == []


def test_only_the_standing_export_says_what_other_services_cost(
    project: CompiledProject, tmp_path: Path
) -> None:
    company = Company(project, written(tmp_path))
    file = company.folder / EXPORT
    file.write_text(without(file.read_text(), "AWSSupportBusiness"))
    company.build()
    assert reconciled(company)[3] == FOREIGN - 100


def test_a_month_of_other_services_alone_ties(project: CompiledProject, tmp_path: Path) -> None:
    """The sum of them is a line of the bill, too, and may be rounded."""
    said = INVOICES.replace(f"{PAYABLE}", f"{FOREIGN:.2f}")
    company = Company(project, written(tmp_path, said, without(export(), "AmazonBedrock")))
    status, invoice, allocated, others, unexplained, _ = reconciled(company)
    assert (status, others, unexplained) == ("tied", FOREIGN, 0)
    assert (invoice, allocated) == (Decimal("1046.75"), Decimal("-0.002"))


def test_in_another_currency_it_ties_in_both(project: CompiledProject, tmp_path: Path) -> None:
    rates = "date,from_currency,to_currency,rate,source\n2026-10-01,EUR,USD,1.0871,ECB\n"
    said, exported = (text.replace("USD", "EUR") for text in (INVOICES, export()))
    company = Company(project, written(tmp_path, said, exported, fx_rates=rates))
    status, _, _, others, unexplained, adds_up = reconciled(company)
    assert (status, others, unexplained, adds_up) == ("tied", FOREIGN * Decimal("1.0871"), 0, True)
    assert (
        company.value("select unexplained_in_billing_currency from mart_reconciliation_monthly")
        == 0
    )


@pytest.mark.parametrize("covers", ["ai", ""])
def test_an_invoice_of_ai_alone_is_as_it_was(
    project: CompiledProject, tmp_path: Path, covers: str
) -> None:
    said = INVOICES.replace(f"{PAYABLE}", f"{AI:.2f}").replace("USD,all", f"USD,{covers}")
    company = Company(project, written(tmp_path, said))
    assert reconciled(company)[::3] == ("tied", 0)
    assert "other services" not in reconciliation(company.connection, {}, "USD")


def tried(folder: Path, command: str) -> Result:
    return CliRunner().invoke(tollbook, ["--workspace", str(folder), command])


# in short: what ties and what does not, above
@pytest.mark.whole
def test_a_run_ends_well_and_with_a_lost_row_of_ai_it_does_not(tmp_path: Path) -> None:
    tied = tried(written(tmp_path), "run")
    assert tied.exit_code == 0, tied.output
    assert "of 2026-10 1046.75 USD of services that are no AI were left out" in tied.output
    lost = tried(written(tmp_path, exported=without(export(), LOST)), "run")
    assert lost.exit_code == 1
    assert "other services 1046.752" in f"{lost.output}{lost.exception}"


def test_check_tells_what_was_left_out_and_refuses_an_invoice_of_all_on_a_bill_of_ai(
    tmp_path: Path,
) -> None:
    whole = tried(written(tmp_path / "whole"), "check")
    assert whole.exit_code == 0, whole.output
    for service, dollars in (("AmazonEC2", "966.76"), ("AWSSupportBusiness", "100.00")):
        assert f"{service} " in whole.output and f" {dollars} " in whole.output
    kept = export()
    for product in ("AmazonEC2", "AmazonS3", "AWSSupportBusiness"):
        kept = without(kept, product)
    refused = tried(written(tmp_path / "ai", exported=kept), "check")
    assert refused.exit_code == 1
    assert "invoices.csv:2: covers: INV-1 covers all" in f"{refused.output}{refused.exception}"
