"""Invoices of random companies: some months have none, some several, some do not tie."""

from datetime import date
from decimal import Decimal
from random import Random

from random_cases import Case, Row

CENT = Decimal("0.01")


def invoices_of(case: Case) -> list[Row]:
    """Per month the bill's rows, tax and credits that the bill lacks, rounded to the cent."""
    rng = Random(f"invoices {case.number}")
    months: dict[date, list[Row]] = {}
    for charge in case.charges:
        months.setdefault(month_of(case, charge), []).append(charge)
    rows: list[Row] = []
    for month in sorted(months):
        if rng.random() < 0.4:
            rows += _month_of_invoices(case, rng, month, months[month])
    return [{**row, "line": number} for number, row in enumerate(rows, start=2)]


def month_of(case: Case, charge: Row) -> date:
    """The month of the provider's own calendar."""
    return (charge["bucket_start"] - case.begins).date().replace(day=1)


def _month_of_invoices(case: Case, rng: Random, month: date, charges: list[Row]) -> list[Row]:
    total = sum((row["billed_cost_in_billing_currency"] for row in charges), Decimal(0))
    tax, credit = (
        sum(
            (
                row["billed_cost_in_billing_currency"]
                for row in charges
                if row["charge_category"] == category
            ),
            Decimal(0),
        )
        for category in ("Tax", "Credit")
    )
    more_tax, more_credit = rng.choice([0, 0, 3]) * CENT, -rng.choice([0, 0, 2]) * CENT
    # now and then money that nothing explains, or too much to be the rounding of one line
    more = rng.choice([Decimal(0)] * 3 + [Decimal(7), Decimal("0.008")])
    parts = [(total + more_tax + more_credit).quantize(CENT) + more]
    if rng.random() < 0.3:
        # a second invoice, and a credit note
        parts = [parts[0] - Decimal(5), Decimal(7), Decimal(-2)]
    says = rng.random() < 0.5 or more_tax or more_credit
    said = (tax + more_tax, credit + more_credit) if says else (None, None)
    return [
        {
            "provider": "openai",
            "billing_account": case.account,
            "invoice_id": f"{case.account}-{month}-{number}",
            "billing_month": month,
            "kind": "usage",
            "amount": part,
            "tax": said[0] if number == 0 else None,
            "credits": said[1] if number == 0 else None,
            "currency": "USD",
        }
        for number, part in enumerate(parts)
    ]
