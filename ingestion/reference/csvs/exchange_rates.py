"""fx_rates.csv: what one unit of a bill's currency is in the reporting currency, by date."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import pyarrow as pa

from ingestion.contracts import MONEY
from ingestion.reference.columns import TEXT, Column, ReferenceTable
from ingestion.reference.rows import Problem, ReferenceRow
from ingestion.reference.values import currency, day, money

OWN: Final = "own"


def rate(value: str) -> Decimal:
    amount = money(value)
    if amount <= 0:
        raise ValueError(f"`{value}` is not above 0: one unit of from_currency in to_currency")
    return amount


EXCHANGE_RATES: Final = ReferenceTable(
    {
        "date": Column(pa.date32(), day, required=True),
        "from_currency": Column(pa.string(), currency, required=True),
        "to_currency": Column(pa.string(), currency, required=True),
        "rate": Column(MONEY, rate, required=True),
        "source": TEXT,
    },
    key=("date", "from_currency", "to_currency"),
)


def currency_problems(table: str, rows: Sequence[ReferenceRow], reporting: str) -> list[Problem]:
    """Rates that lead elsewhere than to the reporting currency, and invoices of own capacity."""
    if table == "fx_rates":
        return [problem for row in rows for problem in _rate_problems(row, reporting)]
    return [
        (
            row.line,
            f"currency: `{said}` is not the workspace's `currency: {reporting}`, in which"
            " capacity.csv says what own capacity costs",
        )
        for row in rows
        if table == "invoices"
        and row.values["provider"] == OWN
        and (said := row.values["currency"]) != reporting
    ]


def _rate_problems(row: ReferenceRow, reporting: str) -> list[Problem]:
    source, target = row.values["from_currency"], row.values["to_currency"]
    if target != reporting:
        return [
            (
                row.line,
                f"to_currency: `{target}` is not the workspace's `currency: {reporting}`: give"
                f" what one {target if source == reporting else source} is in {reporting}",
            )
        ]
    if source == target:
        return [(row.line, f"from_currency: `{source}` is to_currency too: delete the line")]
    return []
