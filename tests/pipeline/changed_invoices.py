"""invoices.csv of a company that was run, with other amounts or rows."""

import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

Invoices = list[dict[str, str]]


def change_invoices(built: Path, company: Path, change: Callable[[Invoices], Invoices]) -> None:
    """The built company's invoices, changed."""
    with (built / "reference" / "invoices.csv").open(newline="") as lines:
        invoices = list(csv.DictReader(lines))
    with (company / "reference" / "invoices.csv").open("w", newline="") as lines:
        writer = csv.DictWriter(lines, invoices[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(change([dict(invoice) for invoice in invoices]))


def raised(invoices: Invoices, provider: str, month: str, by: str) -> Invoices:
    for invoice in invoices:
        if (invoice["provider"], invoice["billing_month"]) == (provider, month):
            invoice["amount"] = f"{Decimal(invoice['amount']) + Decimal(by)}"
    return invoices
