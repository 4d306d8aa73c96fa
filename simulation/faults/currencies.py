"""Bills and invoices of a provider in another currency than the company reports in."""

import csv
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Final

from simulation.faults.company import Company
from simulation.faults.finding import Finding

PROVIDER: Final = "openai"
# Every amount in dollars is exact in euros, and back: what must not move can be compared exactly.
DOLLARS: Final = Decimal("1.25")
DATED: Final = "2026-08-31"
AMOUNT: Final = re.compile(r'"value":([-0-9.eE]+),"currency":"usd"')


def currency(company: Company, rng: Random) -> Finding:
    company.page_edits.append(_page_in_euros)
    company.edits += [_invoices_in_euros, _with_rate(DATED)]
    return Finding(f"bills and invoices of {PROVIDER} are in euros, one is {DOLLARS} dollars")


def currency_without_a_rate(company: Company, rng: Random) -> Finding:
    company.page_edits.append(_page_in_euros)
    company.edits += [_invoices_in_euros, _with_rate("2026-12-01")]
    return Finding(
        "the same, and fx_rates.csv has a later rate alone",
        refused="bills in EUR of 2026-09, 2026-10, and fx_rates.csv has no EUR→USD rate",
        refused_provider=PROVIDER,
    )


def _in_euros(dollars: str) -> str:
    return f"{Decimal(dollars) / DOLLARS:f}"


def _page_in_euros(provider: str, pages: Path) -> None:
    if provider == PROVIDER:
        for page in pages.rglob("costs-*.json"):
            page.write_text(
                AMOUNT.sub(
                    lambda said: f'"value":{_in_euros(said[1])},"currency":"eur"', page.read_text()
                )
            )


def _invoices_in_euros(folder: Path) -> None:
    file = folder / "reference" / "invoices.csv"
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        if row["provider"] == PROVIDER:
            row |= {
                name: _in_euros(row[name]) for name in ("amount", "tax", "credits") if row[name]
            }
            row["currency"] = "EUR"
    with file.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _with_rate(day: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "reference" / "fx_rates.csv").write_text(
            f"date,from_currency,to_currency,rate,source\n{day},EUR,USD,{DOLLARS},\n"
        )

    return write
