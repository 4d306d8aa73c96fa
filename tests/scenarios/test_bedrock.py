"""A month of Bedrock behind LiteLLM, billed by AWS's own export: it ties to the invoice to 0.00."""

import csv
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from companies import ZONE, Company, write_company

from orchestration.checks.foreign_services import left_out
from tests.field.litellm_calls import logged
from tests.pipeline.compiled_project import CompiledProject

PAYER = "111122223333"
SONNET = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
SETTINGS = f"""\
company: Bedrock
timezone: {ZONE}
gateways:
  - {{name: proxy, format: litellm, location: logs}}
bills:
  - {{name: aws, format: aws_cur, account: "{PAYER}", location: cur}}
"""
COLUMNS = (
    *("bill_billing_period_start_date", "bill_payer_account_id", "line_item_usage_account_id"),
    *("line_item_line_item_type", "line_item_usage_start_date", "line_item_usage_end_date"),
    *("line_item_product_code", "line_item_usage_type", "line_item_usage_amount"),
    *("line_item_currency_code", "line_item_unblended_cost", "pricing_unit"),
)
INPUT, OUTPUT = "USE1-Claude4.5Sonnet-input-tokens", "USE1-Claude4.5Sonnet-output-tokens"
CACHED = "USE1-Claude4.5Sonnet-cache-read-input-token-count"
# (line item type, product, usage type, hour, thousands of tokens, dollars)
MONTH = (
    ("Usage", "AmazonBedrock", INPUT, "07T10", "4", "0.012"),
    ("Usage", "AmazonBedrock", OUTPUT, "07T10", "1", "0.015"),
    ("Usage", "AmazonBedrock", CACHED, "07T10", "2", "0.0006"),
    # a tenth off, as a row of its own
    ("EdpDiscount", "AmazonBedrock", INPUT, "07T10", "4", "-0.0012"),
    # an hour in which nobody logged a call
    ("Usage", "AmazonBedrock", INPUT, "20T03", "1", "0.003"),
    ("Usage", "AmazonBedrock", "USE1-Whisper9-Frobnication", "08T10", "3", "0.5"),
    ("Tax", "AmazonBedrock", "", "", "1", "0.11"),
    ("Credit", "AmazonBedrock", "", "", "0", "-0.05"),
    ("Usage", "AmazonEC2", "USE1-BoxUsage:m7g.large", "07T10", "1", "812.40"),
)
PAYABLE = sum((Decimal(cost) for *_, cost in MONTH), Decimal("-812.40"))


def calls() -> Iterator[str]:
    """Team search has three quarters of the fresh input, team chat all that was cached."""
    for name, team, fresh, cached, output in (
        ("a", "search", 3000, 0, 600),
        ("b", "chat", 1000, 2000, 400),
    ):
        counted = {
            "prompt_tokens": fresh + cached,
            "completion_tokens": output,
            "total_tokens": fresh + cached + output,
            "cache_read_input_tokens": cached,
            "prompt_tokens_details": {"cached_tokens": cached},
        }
        call = logged(
            *(name, "2026-10-07T10:15:00Z", counted, {"tags": []}),
            custom_llm_provider="bedrock",
            model=SONNET,
            request_tags=[f"team:{team}"],
        )
        yield json.dumps(call) + "\n"


def cur() -> str:
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    for line_type, product, usage_type, hour, amount, cost in MONTH:
        start = f"2026-10-{hour}:00:00Z" if hour else "2026-10-01T00:00:00Z"
        end = f"2026-10-{hour}:59:59.999999Z" if hour else "2026-11-01T00:00:00Z"
        if hour:
            day, clock = hour.split("T")
            end = f"2026-10-{day}T{int(clock) + 1:02}:00:00Z"
        lines.writerow(
            [
                *("2026-10-01T00:00:00Z", PAYER, "444455556666", line_type, start, end),
                *(product, usage_type, amount, "USD", cost, "1K tokens"),
            ]
        )
    return text.getvalue()


@pytest.fixture
def company(project: CompiledProject, tmp_path: Path) -> Company:
    invoices = (
        "provider,billing_account,invoice_id,billing_month,amount,tax,credits,currency\n"
        f"aws,{PAYER},INV-1,2026-10,{PAYABLE:.2f},0.11,-0.05,USD\n"
    )
    files = {
        "logs/2026-10-07.jsonl": "".join(calls()),
        "cur/data/BILLING_PERIOD=2026-10/cur-00001.csv": cur(),
        "reference/invoices.csv": invoices,
        "reference/teams.csv": "team_id,team_name\nsearch,Search\nchat,Chat\n",
    }
    return Company(project, write_company(tmp_path, files, SETTINGS))


def test_the_month_ties_to_the_invoice(company: Company) -> None:
    [row] = company.query(
        "select invoice_status, invoice_amount, unexplained, abs(rounding) < 0.01"
        " from mart_reconciliation_monthly"
    )
    assert row == ("tied", PAYABLE.quantize(Decimal("0.01")), 0, True)
    assert company.value("select sum(billed_cost) from fct_cost_allocations") == PAYABLE.quantize(
        Decimal("0.01")
    )


def test_who_asked_pays_and_the_discount_follows(company: Company) -> None:
    """Search: 3/4 of (0.012 - 0.0012) and 6/10 of 0.015; chat the rest and what was cached."""
    owned = "select team, sum(billed_cost) from fct_cost_allocations where residual_cause is null"
    assert dict(company.query(f"{owned} group by team")) == {
        "search": Decimal("0.0171"),
        "chat": Decimal("0.0093"),
    }


def test_what_no_request_explains_has_its_cause(company: Company) -> None:
    residual = (
        "select residual_cause, sum(billed_cost) from fct_cost_allocations"
        " where residual_cause not in ('rounding') group by residual_cause"
    )
    assert dict(company.query(residual)) == {
        "outside_gateway": Decimal("0.003"),
        "unparsed": Decimal("0.5"),
        "tax": Decimal("0.11"),
        "credit": Decimal("-0.05"),
    }


def test_no_dollar_of_another_service_is_inside(company: Company) -> None:
    assert company.query(
        "select service, billed_cost_in_billing_currency from landing.foreign_charges"
    ) == [("AmazonEC2", Decimal("812.40"))]
    assert company.value("select count(*) from fct_charges where billed_cost > 100") == 0
    [told] = left_out(company.connection)
    assert (told.source, told.service, told.records, told.cost) == (
        *("aws", "AmazonEC2", 1, Decimal("812.40")),
    )


def test_a_restated_month_replaces_it(company: Company) -> None:
    """AWS delivers the month again without the unparsed line: it is gone, the month is not tied."""
    file = company.folder / "cur/data/BILLING_PERIOD=2026-10/cur-00001.csv"
    kept = [line for line in file.read_text().splitlines(keepends=True) if "Whisper9" not in line]
    file.write_text("".join(kept))
    company.build()
    assert [told.cost for told in left_out(company.connection)] == [Decimal("812.40")]
    [(status, unexplained)] = company.query(
        "select invoice_status, round(unexplained, 2) from mart_reconciliation_monthly"
    )
    assert (status, unexplained) == ("not_tied", Decimal("0.50"))
