"""What people save from the consoles of OpenAI and Anthropic: rows worked out by hand."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.bills.anthropic import console_models
from ingestion.bills.tables.patterns import unproven
from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.landing.loading import LoadResult
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Bill
from tests.ingestion.readers import landed

FIXTURES = Path(__file__).parent / "fixtures"
# Of the landed charges under the names of october.expected.csv; {last}: a column of the format.
CHARGES = """
    record_no, strftime(charge_period_start, '%Y-%m-%d'), charge_kind, charge_category, model,
    meter, service_tier, context_band, consumed_quantity, consumed_unit,
    billed_cost_in_billing_currency, billing_currency, sub_account_id, credential_id, {last},
    charge_description
"""
NUMBERS = ("record_no", "quantity", "cost")


class Console:
    """A bill of a format and what is landed of it."""

    def __init__(self, folder: Path, bill_format: str) -> None:
        self._folder, self._format = folder, bill_format
        self._landing = Landing(open_storage(str(folder / "landing")))

    def save(self, name: str, text: str) -> LoadResult:
        path = self._folder / "bill" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        bill = Bill("desk", self._format, "acct", str(path.parent), None, "bill", {})
        return load_bill(bill, self._landing)

    def rows(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        return landed(self._landing, self._folder / "cache", table, columns)


def fixture(bill_format: str, name: str = "october.csv") -> str:
    return (FIXTURES / bill_format / name).read_text()


def expected(bill_format: str) -> list[tuple[Any, ...]]:
    lines = csv.DictReader(fixture(bill_format, "october.expected.csv").splitlines())
    return [
        tuple(
            (Decimal(text) if column in NUMBERS else text) if text else None
            for column, text in row.items()
        )
        for row in lines
    ]


@pytest.mark.parametrize(
    ("bill_format", "last", "bad"),
    [
        ("openai_csv", "principal_id", (10, "amount_value", "not a number")),
        ("anthropic_csv", "region", (12, "cost_usd", "not a number")),
    ],
)
def test_a_months_export(
    tmp_path: Path, bill_format: str, last: str, bad: tuple[int, str, str]
) -> None:
    console = Console(tmp_path, bill_format)
    result = console.save("october.csv", fixture(bill_format))
    rows = expected(bill_format)
    assert (result.landed, result.quarantined) == (len(rows), 1)
    assert sorted(console.rows("charges", CHARGES.format(last=last))) == rows
    assert console.rows("quarantine", "record_no, field, reason") == [bad]
    told = "provider, billing_account, row_count, bucket_start::date::varchar"
    provider = bill_format.removesuffix("_csv")
    assert console.rows("bill_buckets", told) == [(provider, "acct", len(rows), "2026-10-01")]


def test_a_day_without_costs_is_a_line_without_money(tmp_path: Path) -> None:
    console = Console(tmp_path, "openai_csv")
    console.save("october.csv", fixture("openai_csv"))
    left_out = "service, row_count, billed_cost_in_billing_currency"
    assert console.rows("foreign_charges", left_out) == [("a day without costs", 1, 0)]
    header, empty, *_ = fixture("openai_csv").splitlines()
    no_currency = empty.replace("+00:00,,", "+00:00,1.5,", 1)
    other = Console(tmp_path / "other", "openai_csv")
    (tmp_path / "other").mkdir()
    assert other.save("a.csv", f"{header}\n{no_currency}\n").quarantined == 1
    assert other.rows("quarantine", "field, reason") == [("amount_currency", "missing")]


SPELLINGS = {
    "tabs, times as text": "start_time\tamount_value\tamount_currency\tline_item\n"
    '2026-10-02T00:00:00\t0.5\tusd\t"gpt-5.4, output"\n',
    "dots": "start_time,amount.value,amount.currency,line_item\n"
    '1790899200,0.5,usd,"gpt-5.4, output"\n',
    "words": "Start Time,Amount Value,Amount Currency,Line Item\n"
    '2026-10-02,0.5,USD,"gpt-5.4, output"\n',
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_openais_columns_in_other_spellings(tmp_path: Path, name: str) -> None:
    console = Console(tmp_path, "openai_csv")
    assert console.save("cost.tsv", SPELLINGS[name]).quarantined == 0
    told = """
        charge_period_start::date::varchar, charge_period_end::date::varchar, model, meter,
        billed_cost_in_billing_currency::varchar
    """
    [row] = console.rows("charges", told)
    assert row == ("2026-10-02", "2026-10-03", "gpt-5.4", "output", "0.500000000000")


def test_anthropics_columns_of_2024(tmp_path: Path) -> None:
    console = Console(tmp_path, "anthropic_csv")
    console.save(
        "claude_api_cost_2024_12.csv",
        "usage_date_utc,model,workspace,api_key,usage_type,token_type,cost_usd\n"
        "2024-12-07,Claude 3.5 Sonnet 2024-10-22,,Stéphane,message,input_cache_write,0.01\n",
    )
    told = "model, meter, credential_id, sub_account_id, context_band"
    assert console.rows("charges", told) == [
        ("claude-3-5-sonnet-20241022", "cache_write_5m", "Stéphane", "default", None)
    ]


def test_names_of_anthropics_models() -> None:
    assert unproven(console_models.PATTERNS) == []
    named = {
        "Claude Sonnet 3.7": "claude-3-7-sonnet",
        "Claude 3 Haiku": "claude-3-haiku",
        "Claude Opus 4.5": "claude-opus-4-5",
        "Claude  Sonnet 4 2025-05-14": "claude-sonnet-4-20250514",
        "claude-opus-5": "claude-opus-5",
        "Claude Instant": "Claude Instant",
        None: None,
    }
    assert {name: console_models.model_of(name) for name in named} == named


def test_ranges_of_days_are_one_bill_and_may_not_overlap(tmp_path: Path) -> None:
    header, *lines = fixture("anthropic_csv").splitlines()
    console = Console(tmp_path, "anthropic_csv")
    console.save("a.csv", "\n".join([header, *lines[:4]]))
    assert console.save("b.csv", "\n".join([header, *lines[4:10]])).objects_new == 2
    with pytest.raises(SourceError, match=r"^bill desk: b\.csv and c\.csv both have charges of 2"):
        console.save("c.csv", "\n".join([header, lines[4]]))


def test_a_corrected_export_replaces_its_month(tmp_path: Path) -> None:
    console = Console(tmp_path, "openai_csv")
    text = fixture("openai_csv")
    console.save("october.csv", text)
    again = console.save("october.csv", text.replace("0.896000", "0.900000"))
    assert (again.objects_new, again.landed) == (1, 10)
    assert console.save("october.csv", text.replace("0.896000", "0.900000")).batch is None


NO_MONEY = {
    "openai_csv": (
        "start_time,end_time,project_id,num_model_requests,model,input_tokens\n",
        "a.csv: lacks amount_value, amount_currency (a CSV export of OpenAI's dashboard of activ",
    ),
    "anthropic_csv": (
        "usage_date_utc,model_version,api_key,usage_input_tokens_no_cache\n",
        "a.csv: lacks model, cost_usd (a CSV export of the usage page of Anthropic's console",
    ),
}


@pytest.mark.parametrize("bill_format", NO_MONEY)
def test_an_export_of_tokens_is_told_by_name(tmp_path: Path, bill_format: str) -> None:
    text, problem = NO_MONEY[bill_format]
    with pytest.raises(SourceError) as told:
        Console(tmp_path, bill_format).save("a.csv", text)
    assert problem in str(told.value)
