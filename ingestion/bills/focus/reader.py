"""Bill format `focus`: charges in FOCUS 1.0 to 1.4, and 1.5 as drafted, from any provider.

Billed is BilledCost. A file may hold several providers and accounts, as its rows say.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

from ingestion.bills.focus.columns import NEEDED, column
from ingestion.bills.focus.details import details_of, direction, sure_facts
from ingestion.bills.focus.folders import exports as in_folders
from ingestion.bills.focus.periods import billing_month, charge_span
from ingestion.bills.focus.quantities import used
from ingestion.bills.focus.vendors import azure_meter_words, azure_place, usage_type_words
from ingestion.bills.focus.whose import WHOSE, is_ai, provider_of
from ingestion.bills.focus.words import read_words
from ingestion.bills.lines.amounts import RowError, exact, rounded
from ingestion.bills.lines.charge_row import charge, worded_kind
from ingestion.bills.openai.line_items import UNPARSED, read_line_item
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Export, Foreign, Listing, Rows, TableFormat
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "5"

Facts = dict[str, str]  # kind, meter, model, service_tier, context_band
_KINDS: Final = {
    "Usage": "unparsed",
    "Purchase": "fee",
    "Tax": "tax",
    "Credit": "credit",
    "Adjustment": "adjustment",
}
_NULLS: Final = frozenset(("", "NULL", "null", "Null"))
# `$50,000.00 ` of a spreadsheet: its point says which of them is the comma.
_SPELLED: Final = re.compile(r"(-?)\s*[$€£]?\s*(\d+|\d{1,3}(?:,\d{3})+)(\.\d+)")
_LONGEST: Final = 256


def focus_format(
    exports: Callable[[Listing], Iterable[Export]],
    provider: str | None = None,
    words: Sequence[Callable[[Record], Facts]] = (),
) -> TableFormat:
    """`provider`: of all rows, whose account is the entry's. `words`: what a vendor's own columns
    say, asked before FOCUS's.
    """

    def foreign(record: Record) -> Foreign | None:
        whose = provider or provider_of(record)
        if is_ai(record, whose):
            return None
        return Foreign(
            service=record.text("ServiceName")
            or record.text("x_SkuMeterSubcategory")
            or "no service",
            category=_category(record),
            currency=record.currency("BillingCurrency"),
            month=billing_month(record),
            provider=whose,
            account=None if provider else record.needed("BillingAccountId"),
        )

    def read(record: Record, bill: Bill) -> Rows:
        row = _row(record, words)
        whose = provider or provider_of(record)
        if whose == "azure":
            row |= azure_place(record)
        if provider is None:
            row["provider"] = whose
            row["billing_account"] = record.needed("BillingAccountId")
        return [("charges", row)]

    return TableFormat(
        provider=provider,
        exports=exports,
        needs=NEEDED,
        whose=(
            *(*WHOSE, "BillingAccountId", "BillingCurrency", "ChargeCategory"),
            *("BillingPeriodStart", "BillingPeriodEnd"),
        ),
        foreign=foreign,
        amount=_cost,
        read=read,
        column=column,
        nulls=_NULLS,
    )


def _row(record: Record, words: Sequence[Callable[[Record], Facts]]) -> dict[str, Any]:
    category = _category(record)
    facts = _facts(record, words) if category == "Usage" else {}
    kind = facts.get("kind", _KINDS[category])
    if category == "Adjustment" and worded_kind(_described(record)) == "rounding":
        kind = "rounding"
    if category == "Usage" and _said(record, "CommitmentDiscountStatus") == "unused":
        kind, facts = "capacity", {}
    start, end = charge_span(record)
    unit, quantity = used(record, facts.get("meter"), kind) if category == "Usage" else (None, None)
    return charge(
        kind,
        _cost(record),
        month=billing_month(record),
        charge_period_start=start,
        charge_period_end=end,
        sub_account_id=record.text("SubAccountId"),
        sub_account_name=record.text("SubAccountName"),
        credential_id=record.text("CredentialId") or record.text("x_CredentialId"),
        principal_id=record.text("PrincipalId") or record.text("x_PrincipalId"),
        charge_category=category,
        charge_class="Correction" if _said(record, "ChargeClass") == "correction" else None,
        charge_description=_described(record),
        model=facts.get("model"),
        meter=facts.get("meter"),
        service_tier=facts.get("service_tier"),
        context_band=facts.get("context_band"),
        region=record.text("RegionId"),
        consumed_quantity=quantity,
        consumed_unit=unit,
        invoice_id=record.text("InvoiceId"),
        billing_currency=record.currency("BillingCurrency"),
    )


def _facts(record: Record, words: Sequence[Callable[[Record], Facts]]) -> Facts:
    """The surest first: what a later column says stands only where the earlier were silent."""
    details = details_of(record)
    facts: Facts = {}
    for said in (
        sure_facts(details),
        *(read(record) for read in words),
        _line_item(record.text("ChargeDescription")),
        read_words(record.text("SkuMeter")),
        read_words(record.text("ChargeDescription")),
        direction(details),
    ):
        for name, fact in said.items():
            facts.setdefault(name, fact)
    return facts


def _line_item(text: str | None) -> Facts:
    """OpenAI's wording, which exports of its bills repeat; its words for money are FOCUS's own."""
    item = read_line_item(text) if text else UNPARSED
    if item.kind not in ("tokens", "tool", "storage", "training"):
        return {}
    said = {
        "kind": item.kind,
        "meter": item.meter,
        "model": item.model,
        "service_tier": item.service_tier,
        "context_band": item.context_band,
    }
    return {name: fact for name, fact in said.items() if fact}


def _category(record: Record) -> str:
    category = (_said(record, "ChargeCategory") or "").capitalize()
    if category not in _KINDS:
        raise RowError("ChargeCategory", "none of " + ", ".join(_KINDS))
    return category


def _said(record: Record, name: str) -> str | None:
    text = record.text(name)
    return text.lower() if text else None


def _cost(record: Record) -> Decimal:
    value = record.value("BilledCost")
    spelled = _SPELLED.fullmatch(value.strip()) if isinstance(value, str) else None
    if spelled is None:
        return record.money("BilledCost")
    sign, whole, fraction = spelled.groups()
    return rounded(exact(f"{sign}{whole.replace(',', '')}{fraction}", "BilledCost"), 12)


def _described(record: Record) -> str:
    """The words of the bill, its meter too: many lines have one description.

    A usage type of AWS says all: a refund, with other words, has that of what it takes back.
    """
    usage_type = record.text("x_UsageType")
    if usage_type and _category(record) == "Usage":
        return usage_type
    said: list[str] = []
    for name in ("ChargeDescription", "SkuMeter", "x_SkuMeterName"):
        text = record.text(name)
        if text and not any(text.lower() in each.lower() for each in said):
            said.append(text)
    if not said:
        said = [record.text("SkuId") or record.text("ServiceName") or "no description"]
    whole = " | ".join(said)
    return whole if len(whole) <= _LONGEST else said[0]


FORMAT: Final = focus_format(in_folders, words=(usage_type_words, azure_meter_words))
