"""Reads simulated bills as plain JSON, with exact numbers."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def pages(folder: Path, name: str) -> list[Row]:
    files = sorted(folder.glob(f"{name}-*.json"))
    return [json.loads(file.read_text(), parse_float=Decimal) for file in files]


def rows(folder: Path, name: str) -> Iterator[tuple[date, Row]]:
    """(day, result row) of every bucket."""
    for page in pages(folder, name):
        for bucket in page["data"]:
            for row in bucket["results"]:
                yield _day(bucket), row


def _day(bucket: Row) -> date:
    if "start_time" in bucket:
        return datetime.fromtimestamp(bucket["start_time"], UTC).date()
    return datetime.fromisoformat(bucket["starting_at"]).date()
