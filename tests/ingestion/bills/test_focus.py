"""FOCUS from anyone: rows worked out by hand, published examples, and what providers make of it."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.bills.focus import whose, words
from ingestion.bills.focus.columns import column
from ingestion.bills.tables.patterns import unproven
from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.landing.loading import LoadResult
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Bill
from tests.ingestion.readers import landed

FIXTURES = Path(__file__).parent / "fixtures/focus"
PUBLISHED = FIXTURES / "published"
# Of the landed charges under the names of company.expected.csv.
CHARGES = """
    record_no, provider, billing_account, strftime(charge_period_start, '%Y-%m-%d %H:%M'),
    strftime(charge_period_end, '%Y-%m-%d %H:%M'), charge_kind, charge_category, charge_class,
    model, meter, service_tier, context_band, consumed_quantity, consumed_unit,
    billed_cost_in_billing_currency, billing_currency, sub_account_id, credential_id, region,
    invoice_id, charge_description
"""
FOREIGN = """
    provider, billing_account, service, charge_category, row_count,
    billed_cost_in_billing_currency, billing_currency
"""
NUMBERS = ("record_no", "quantity", "cost", "rows")
HEADER = (
    "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,"
    "ChargePeriodStart,ChargePeriodEnd,ServiceName,{provider},ChargeDescription,{more}"
)


class Focus:
    """A bill of the format and what is landed of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._landing = Landing(open_storage(str(folder / "landing")))

    def save(self, name: str, text: str) -> LoadResult:
        path = self._folder / "bill" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        bill = Bill("cloud", "focus", "payer", str(self._folder / "bill"), None, "bill", {})
        return load_bill(bill, self._landing)

    def rows(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        return landed(self._landing, self._folder / "cache", table, columns)

    def one(
        self, columns: str, provider: str = "OpenAI", names: str = "ProviderName", **more: str
    ) -> tuple[Any, ...]:
        """What becomes of one row of an AI service; `more` columns beside those of HEADER."""
        description = more.pop("ChargeDescription", "")
        said = {
            "BillingPeriodStart": "2026-10-01",
            "BillingPeriodEnd": "2026-11-01",
            "ChargePeriodStart": "2026-10-05",
            "ChargePeriodEnd": "2026-10-06",
        }
        said |= {name: more.pop(name) for name in list(more) if name in said}
        start, end, begins, ends = said.values()
        header = HEADER.format(provider=names, more=",".join(more))
        head = f"1.5,acct,USD,{start},{end},Usage,{begins},{ends},Generative AI,{provider}"
        values = (f'"{value.replace(chr(34), chr(34) * 2)}"' for value in more.values())
        self.save("a.csv", f'{header}\n{head},"{description}",{",".join(values)}\n')
        assert self.rows("quarantine", "field, reason") == []
        [row] = self.rows("charges", columns)
        return row


@pytest.fixture
def focus(tmp_path: Path) -> Focus:
    return Focus(tmp_path)


def expected(name: str) -> list[tuple[Any, ...]]:
    with (FIXTURES / name).open(newline="") as file:
        return [
            tuple(_value(column, text) for column, text in row.items())
            for row in csv.DictReader(file)
        ]


def _value(column: str, text: str) -> Any:
    return (Decimal(text) if column in NUMBERS else text) if text else None


def test_three_providers_in_one_file(focus: Focus) -> None:
    result = focus.save("company.csv", (FIXTURES / "company.csv").read_text())
    assert (result.records, result.landed, result.quarantined) == (18, 14, 1)
    charges = sorted(focus.rows("charges", CHARGES))
    assert charges == expected("company.expected.csv")
    assert sorted(focus.rows("foreign_charges", FOREIGN)) == expected("company.foreign.csv")
    bad = "record_no, field, reason"
    assert focus.rows("quarantine", bad) == [(14, "BilledCost", "not a number")]
    # evidence has what no column of the contract has: tags, amortised cost, columns of its own
    tags = "record_no, raw_row::json->>'Tags'"
    assert (9, '{"team": "search"}') in focus.rows("charges", tags)
    months = "provider, row_count, bucket_start::date::varchar"
    assert focus.rows("bill_buckets", months) == [
        ("aws", 3, "2026-10-01"),
        ("azure", 2, "2026-10-01"),
        ("openai", 9, "2026-10-01"),
    ]


@pytest.mark.parametrize("name", sorted(path.name for path in PUBLISHED.iterdir()))
def test_published_examples_keep_their_money(focus: Focus, name: str) -> None:
    """Trap 34: even official samples have literal NULLs and stray columns."""
    text = (PUBLISHED / name).read_text()
    if "BillingAccountId" not in text:
        with pytest.raises(SourceError, match="lacks BillingAccountId, BillingCurrency"):
            focus.save(name, text)
        return
    said = list(csv.DictReader(text.removeprefix("\ufeff").splitlines()))
    result = focus.save(name, text)
    assert (result.records, result.quarantined) == (len(said), 0)
    tables = ("charges", "foreign_charges")
    costs = [focus.rows(table, "billed_cost_in_billing_currency") for table in tables]
    billed = [row["BilledCost"].strip().replace("$", "").replace(",", "") for row in said]
    assert sum(cost for rows in costs for (cost,) in rows) == sum(Decimal(each) for each in billed)
    # what is no AI of it: a real sample of four clouds, and prepaid tokens of no model
    assert (result.landed > 0) == ("Generative AI" in text)


def test_prepaid_tokens_are_drawn_down_at_nothing(focus: Focus) -> None:
    name = "drawdown_via_prepayment_ai_model_api.csv"
    focus.save(name, (PUBLISHED / name).read_text())
    drawn = (
        "charge_kind, model, meter, consumed_quantity::int, billed_cost_in_billing_currency::int"
    )
    assert focus.rows("charges", drawn) == [
        ("fee", None, None, None, 500000),
        ("tokens", "solora-saturn-5.0", "input", 5000000, 0),
        ("tokens", "solora-saturn-5.0", "output", 1500000, 0),
    ]
    keys = "record_no, credential_id, principal_id"
    assert focus.rows("charges", keys)[1] == (1, "key_05SOLORASUPPLY", "supply-svc-acct")


PROVIDERS = {
    "1.2": ("ProviderName,PublisherName", "AWS,Anthropic", "aws"),
    "1.3 of a marketplace": (
        "ServiceProviderName,HostProviderName,InvoiceIssuerName",
        '"Anthropic, PBC",AWS,"Amazon Web Services, Inc."',
        "aws",
    ),
    "1.3 of a service in a cloud": (
        "ServiceProviderName,HostProviderName,InvoiceIssuerName",
        "Databricks,AWS,Databricks",
        "databricks",
    ),
    "1.4": ("ServiceProviderName,InvoiceIssuerName", "OpenAI,A Reseller Ltd", "openai"),
    "only who invoices": ("InvoiceIssuerName", "Microsoft Ireland Operations", "azure"),
    "nobody knows it": ("ProviderName", "Solora AI GmbH", "solora_ai_gmbh"),
}


@pytest.mark.parametrize("name", PROVIDERS)
def test_who_bills(focus: Focus, name: str) -> None:
    names, values, provider = PROVIDERS[name]
    assert focus.one("provider", values, names) == (provider,)


# What a row says, and (kind, model, meter, tier, quantity, unit) of it.
COUNTED: dict[str, tuple[dict[str, str], tuple[Any, ...]]] = {
    "details before words": (
        {
            "SkuPriceDetails": '{"ModelId":"m-1","TokenDirection":"Output"}',
            "SkuMeter": "gpt-4o audio output tokens",
            "ConsumedQuantity": "7",
            "ConsumedUnit": "Tokens",
        },
        ("tokens", "m-1", "audio_output", None, 7, "tokens"),
    ),
    "a direction alone": (
        {
            "SkuPriceDetails": '{"ModelId":"m-1","TokenDirection":"Input","x_Modality":"image"}',
            "PricingQuantity": "0.25",
            "PricingUnit": "1M tokens",
        },
        ("tokens", "m-1", "image_input", None, 250_000, "tokens"),
    ),
    "columns of a vendor": (
        {"x_ModelId": "m-2", "x_token_direction": "output", "x_ServiceTier": "Flex"},
        ("tokens", "m-2", "output", "flex", None, None),
    ),
    "details that are no JSON": (
        {"SkuPriceDetails": "size=large", "ChargeDescription": "Input tokens for Solora Saturn"},
        ("tokens", "Solora Saturn", "input", None, None, None),
    ),
    "minutes are no tokens": (
        {"ChargeDescription": "gpt-5, input", "ConsumedQuantity": "3", "ConsumedUnit": "Minutes"},
        ("tokens", "gpt-5", "input", "standard", None, None),
    ),
    "what nobody knows": (
        {"ChargeDescription": "Lanes", "ConsumedQuantity": "3", "ConsumedUnit": "Lanes"},
        ("unparsed", None, None, None, 3, "Lanes"),
    ),
    "a known model, an unknown meter": (
        {"SkuPriceDetails": '{"ModelId":"m-1"}', "SkuMeter": "Lanes"},
        ("unparsed", "m-1", None, None, None, None),
    ),
}


@pytest.mark.parametrize("name", COUNTED)
def test_what_a_row_counts(focus: Focus, name: str) -> None:
    said, counted = COUNTED[name]
    columns = "charge_kind, model, meter, service_tier, consumed_quantity::bigint, consumed_unit"
    assert focus.one(columns, **said) == counted


# Start and end of the billing period, of the charge; and what is the charge's month and day.
DAYS = {
    "RFC 3339": (
        *("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"),
        *("2026-10-05T00:00:00Z", "2026-10-06T00:00:00Z", "2026-10", "2026-10-05"),
    ),
    "month first": ("10/1/26", "11/1/26", "10/5/26", "10/6/26", "2026-10", "2026-10-05"),
    "day first": ("1/10/2026", "1/11/2026", "5/10/2026", "6/10/2026", "2026-10", "2026-10-05"),
    "January": ("1/1/26", "2/1/26", "1/5/26", "1/6/26", "2026-01", "2026-01-05"),
    "a month of Tokyo": (
        *("2026-09-30T15:00:00Z", "2026-10-31T15:00:00Z"),
        *("2026-10-04 15:00:00", "2026-10-05 15:00:00", "2026-10", "2026-10-04"),
    ),
    "a month of California": (
        *("2026-10-01T07:00:00Z", "2026-11-01T07:00:00Z"),
        *("2026-11-01T00:00:00Z", "2026-11-01T01:00:00Z", "2026-10", "2026-11-01"),
    ),
    "the day that ends it": (
        *("2026-10-01", "2026-10-31", "2026-10-05", "2026-10-05", "2026-10", "2026-10-05"),
    ),
    "a year": ("2026-10-01", "2026-11-01", "2026-10-05", "2027-10-05", "2026-10", None),
}


@pytest.mark.parametrize("name", DAYS)
def test_days_as_exports_write_them(focus: Focus, name: str) -> None:
    """Trap 34: and days of any form."""
    *said, month, day = DAYS[name]
    columns = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")
    told = focus.one(
        "strftime(bucket_start, '%Y-%m'), strftime(charge_period_start, '%Y-%m-%d')",
        **{column: str(text) for column, text in zip(columns, said, strict=True)},
    )
    assert told == (month, day)


def test_a_restated_month_replaces_its_file(focus: Focus) -> None:
    text = (FIXTURES / "company.csv").read_text()
    focus.save("2026-10/part-1.csv", text)
    again = focus.save(
        "2026-10/part-1.csv", text.replace(",1.875,", ",2.5,").replace("NULL,1.875", "NULL,2.5")
    )
    assert again.objects_new == 1
    with pytest.raises(SourceError, match="both are exports of 2026-10"):
        focus.save("2026-10 again/part-1.csv", text)


@pytest.mark.parametrize(
    ("name", "follows"),
    [
        ("metadata/BILLING_PERIOD=2026-10/20261103T031500Z-1/focus-Manifest.json", "aws_focus"),
        ("focus/20261001-20261031/r1/manifest.json", "azure_focus"),
    ],
)
def test_a_clouds_own_export_is_left_to_the_format_that_follows_its_manifest(
    focus: Focus, name: str, follows: str
) -> None:
    """A manifest is no data, and without it a half delivered month would look like a whole one."""
    focus.save("2026-10.csv", (FIXTURES / "company.csv").read_text())
    with pytest.raises(
        SourceError, match=f"{name} is a manifest, .*`format: {follows}` follows it"
    ):
        focus.save(name, '{"dataFiles": []}')


def test_names_of_columns_in_any_spelling() -> None:
    spelled = ("billed_cost", "BILLEDCOST", "Billed Cost", "x_usage_type", "x_model_id", "Id")
    assert [column(name) for name in spelled] == [
        *("BilledCost", "BilledCost", "BilledCost", "x_UsageType", "x_ModelId", "Id"),
    ]


def test_every_pattern_is_proven() -> None:
    tables = (words.WORDS, whose.PROVIDERS, *whose.AI_SERVICES.values())
    assert [unproven(table) for table in tables] == [[] for _ in tables]
