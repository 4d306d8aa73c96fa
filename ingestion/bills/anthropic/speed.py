"""Fast mode in legacy pages of which one report alone tells it.

`usage_report/messages` has a column `speed`; `cost_report` may say it in its description, or not at
all. Both sides must have the same keys, so a day on which nothing of the bill tells fast money
apart knows no tier of its model.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from ingestion.bills.anthropic.keys import FAST
from ingestion.records import Parsed, Row

_SAID: Final = re.compile(r"\bfast\b", re.IGNORECASE)
_MIXED: Final = ("standard", FAST)
_Cell = tuple[date, str | None]


def agree_on_speed(parsed: Mapping[str, Parsed]) -> None:
    """Corrects `service_tier` of the rows of days whose usage was fast."""
    usage = _by_cell(parsed, "provider_usage", "usage_messages")
    costs = _by_cell(parsed, "charges", "cost_report")
    for cell, used in usage.items():
        if not any(row["service_tier"] == FAST for row in used):
            continue
        charged = costs.get(cell, [])
        for row in charged:
            if row["service_tier"] == "standard" and _SAID.search(row["charge_description"]):
                row["service_tier"] = FAST
        if charged and not any(row["service_tier"] == FAST for row in charged):
            for row in (*used, *charged):
                if row["service_tier"] in _MIXED:
                    row["service_tier"] = None


def _by_cell(
    parsed: Mapping[str, Parsed], table: str, report: str
) -> Mapping[_Cell, Iterable[Row]]:
    found: defaultdict[_Cell, list[Row]] = defaultdict(list)
    for said in parsed.values():
        for row in said.rows.get(table, ()):
            if row["report"] == report and row["model"] is not None:
                found[row["bucket_start"].date(), row["model"]].append(row)
    return found
