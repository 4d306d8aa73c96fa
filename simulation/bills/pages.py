"""Stores daily buckets as the pages that a cost or usage API answers with."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec

DAYS_PER_PAGE: Final = 15

Bucket = dict[str, Any]


def write_pages(
    folder: Path,
    name: str,
    days: Sequence[date],
    bucket: Callable[[date], Bucket],
    envelope: dict[str, Any],
) -> None:
    """One file a page, `name-01.json` and so on; all but the last promise the next."""
    folder.mkdir(parents=True, exist_ok=True)
    starts = range(0, len(days), DAYS_PER_PAGE)
    for number, first in enumerate(starts, start=1):
        more = number < len(starts)
        page = {
            **envelope,
            "data": [bucket(day) for day in days[first : first + DAYS_PER_PAGE]],
            "has_more": more,
            "next_page": _token(name, days[first + DAYS_PER_PAGE]) if more else None,
        }
        (folder / f"{name}-{number:02d}.json").write_bytes(msgspec.json.encode(page) + b"\n")


def _token(name: str, next_day: date) -> str:
    return "page_" + hashlib.sha256(f"{name} {next_day}".encode()).hexdigest()[:24]
