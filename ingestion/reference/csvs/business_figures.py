"""revenue.csv, outcomes.csv, feature_plans.csv: what a company knows of what its spend is for."""

import re
from typing import Final

import pyarrow as pa

from ingestion.contracts import MONEY
from ingestion.reference.columns import NAME, TEXT, VALIDITY, Column, ReferenceTable
from ingestion.reference.values import day, money, month


def count(value: str) -> int:
    if not re.fullmatch(r"\d{1,15}", value):
        raise ValueError(f"`{value}` is not a whole number like 1200")
    return int(value)


def planned_tokens(value: str) -> int:
    if not re.fullmatch(r"\d{1,12}", value) or int(value) == 0:
        raise ValueError(f"`{value}` is not a whole number of tokens of one request like 1000")
    return int(value)


REVENUE: Final = ReferenceTable(
    {
        "month": Column(pa.date32(), month, required=True),
        "tier": NAME,
        # empty: of all plans of the tier that have no line of their own
        "plan": TEXT,
        # of the reporting currency; refunds may make it negative
        "revenue": Column(MONEY, money, required=True),
        "active_users": Column(pa.int64(), count),
    },
    key=("month", "tier", "plan"),
)

OUTCOMES: Final = ReferenceTable(
    {
        "date": Column(pa.date32(), day, required=True),
        **dict.fromkeys(("feature", "outcome"), NAME),
        "count": Column(pa.int64(), count, required=True),
    },
    key=("date", "feature", "outcome"),
)

FEATURE_PLANS: Final = ReferenceTable(
    {
        "feature": NAME,
        # of one request
        "expected_input_tokens": Column(pa.int64(), planned_tokens),
        "expected_output_tokens": Column(pa.int64(), planned_tokens),
        **VALIDITY,
    },
    key=("feature",),
    some_of=("expected_input_tokens", "expected_output_tokens"),
)
