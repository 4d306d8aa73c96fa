"""seats.csv: who holds the seats of a plan that is paid by the month and person."""

import itertools
import re
from collections import defaultdict
from typing import Any, Final

import pyarrow as pa

from ingestion.contracts import MONEY
from ingestion.reference.columns import NAME, TEXT, VALIDITY, Column, ReferenceTable
from ingestion.reference.conflicts import meet_in_time
from ingestion.reference.rows import Problem, ReferenceRow
from ingestion.reference.values import choice, cost, currency

_PERSON: Final = ("provider", "billing_account", "product", "person")


def seat_count(value: str) -> int:
    if not re.fullmatch(r"\d{1,7}", value) or int(value) == 0:
        raise ValueError(f"`{value}` is not a whole number of seats like 12")
    return int(value)


SEATS: Final = ReferenceTable(
    {
        **dict.fromkeys(("provider", "billing_account", "product"), NAME),
        "plan": TEXT,
        # empty: nobody, the seat is idle
        "person": TEXT,
        "owner": TEXT,
        "seats": Column(pa.int64(), seat_count, empty=1),
        # of one seat and a month
        "price": Column(MONEY, cost, required=True),
        "currency": Column(pa.string(), currency),
        "period": Column(pa.string(), choice("month"), empty="month"),
        **VALIDITY,
    },
    key=("provider", "billing_account", "product", "plan", "person", "owner"),
)


def seat_ties(rows: list[ReferenceRow]) -> list[Problem]:
    """A person has one seat of a product at a time: whose is it, where two lines say it?"""
    persons: dict[tuple[Any, ...], list[ReferenceRow]] = defaultdict(list)
    for row in rows:
        if row.values["person"] is not None:
            persons[tuple(row.values[name] for name in _PERSON)].append(row)
    return [
        (
            second.line,
            f"person: `{second.values['person']}` has a seat of {second.values['product']} in line"
            f" {first.line}, too, in an overlapping time: end one before the other starts",
        )
        for group in persons.values()
        for first, second in itertools.combinations(group, 2)
        if meet_in_time(first, second) and _seat(first) != _seat(second)
    ]


def _seat(row: ReferenceRow) -> tuple[Any, ...]:
    return row.values["plan"], row.values["owner"]
