"""Fast mode in legacy pages of which one report alone tells it.

`usage_report/messages` has a column `speed`; `cost_report` may say it in its description, or not at
all. Both sides must have the same keys, so a day on which nothing of the bill tells fast money
apart knows no tier of its model.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from ingestion.bills.anthropic.keys import FAST
from ingestion.records import Row

_SAID: Final = re.compile(r"\bfast\b", re.IGNORECASE)
_MIXED: Final = ("standard", FAST)
_REPORTS: Final = ("usage_messages", "cost_report")
_Cell = tuple[date, str | None]


@dataclass(slots=True)
class AgreedSpeed:
    """Corrects `service_tier` of the rows of days whose usage was fast."""

    _used_fast: set[_Cell] = field(default_factory=set)
    _charged: set[_Cell] = field(default_factory=set)
    _charged_fast: set[_Cell] = field(default_factory=set)

    def note(self, report: str, start: datetime, table: str, row: Row) -> None:
        cell = start.date(), row["model"]
        if row["model"] is None or report not in _REPORTS:
            return
        if table == "provider_usage" and row["service_tier"] == FAST:
            self._used_fast.add(cell)
        elif table == "charges":
            self._charged.add(cell)
            if row["service_tier"] == FAST or _says_fast(row):
                self._charged_fast.add(cell)

    def correct(self, table: str, row: Row) -> None:
        if table not in ("charges", "provider_usage") or row["report"] not in _REPORTS:
            return
        cell = row["bucket_start"].date(), row["model"]
        if cell not in self._used_fast:
            return
        if table == "charges" and _says_fast(row):
            row["service_tier"] = FAST
        alike = cell in self._charged and cell not in self._charged_fast
        if alike and row["service_tier"] in _MIXED:
            row["service_tier"] = None


def _says_fast(row: Row) -> bool:
    return row["service_tier"] == "standard" and bool(_SAID.search(row["charge_description"]))
