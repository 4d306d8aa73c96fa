"""The money of saved bill pages, read as finance would: the literals of the JSON text."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def openai_rows(folder: Path) -> Iterator[tuple[str, Row, Decimal]]:
    """(day, row, dollars) of every row of the cost pages."""
    for bucket in _buckets(folder, "costs-*.json"):
        day = f"{datetime.fromtimestamp(bucket['start_time'], UTC):%Y-%m-%d}"
        for row in bucket["results"]:
            yield day, row, Decimal(row["amount"]["value"])


def anthropic_rows(folder: Path) -> Iterator[tuple[str, Row, Decimal]]:
    """(day, row, dollars) of every row of the cost pages, which write cents."""
    for bucket in _buckets(folder, "cost_report-*.json"):
        for row in bucket["results"]:
            yield bucket["starting_at"][:10], row, Decimal(row["amount"]).scaleb(-2)


def _buckets(folder: Path, pattern: str) -> Iterator[Row]:
    for page in sorted(folder.glob(pattern)):
        # a number that went through a float is no longer the bill's
        yield from json.loads(page.read_text(), parse_float=Decimal)["data"]
