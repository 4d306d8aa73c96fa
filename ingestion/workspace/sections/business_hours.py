"""What of tollbook.yaml says when people wait for answers: by the workspace's clock."""

import re
from dataclasses import dataclass
from typing import Final

from ingestion.workspace.entries import Entries

KEYS: Final = ("days", "from", "to")
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORKING_DAYS: Final = DAYS[:5]
FROM: Final = "09:00"
TO: Final = "18:00"
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """Half-open, in minutes of a day; `days` in the order of the week."""

    days: tuple[str, ...] = WORKING_DAYS
    begins: int = 9 * 60
    ends: int = 18 * 60

    def numbers(self) -> list[int]:
        """As ISO counts days: Monday is 1."""
        return [DAYS.index(day) + 1 for day in self.days]


def read_business_hours(top: Entries) -> BusinessHours | None:
    if not top.given("business_hours"):
        return None
    entry = Entries(top.document, top.nodes["business_hours"], "`business_hours`", KEYS)
    begins, ends = _minutes(entry, "from", FROM), _minutes(entry, "to", TO)
    if begins is not None and ends is not None and begins >= ends:
        entry.problem(
            "to",
            f"`business_hours` end at {entry.text('to', TO)}, not after they begin at"
            f" {entry.text('from', FROM)}: both are of one day, midnight is 24:00",
        )
    return BusinessHours(_days(entry), begins or 0, ends or 0)


def _minutes(entry: Entries, key: str, default: str) -> int | None:
    text = entry.text(key, default)
    if not _TIME.fullmatch(text):
        if text:
            entry.problem(key, f"`{key}: {text}` is no time of day: write it as 09:00")
        return None
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _days(entry: Entries) -> tuple[str, ...]:
    if not entry.given("days"):
        return WORKING_DAYS
    items = entry.document.items(entry.nodes["days"], "`days`")
    found = [(entry.document.text(item, "a day of `days`") or "").lower() for item in items]
    for item, day in zip(items, found, strict=True):
        if day not in DAYS:
            entry.document.problem(item, f"`days`: `{day}` is not one of {', '.join(DAYS)}")
        elif found.count(day) > 1:
            entry.document.problem(item, f"`days` names `{day}` twice: once is enough")
    return tuple(day for day in DAYS if day in found)
