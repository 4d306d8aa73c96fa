"""Collects the records of a proxy's log: those that called no model are foreign.

A gateway's log has every request that went through it. One that makes no row is counted, neither
landed nor lost.
"""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from ingestion.reading.collecting import Collected, ToRow
from ingestion.reading.exact_numbers import json_number
from ingestion.reading.unreadable import Unreadable, misfit

_RECORD: Final = msgspec.json.Decoder(dict[str, Any], float_hook=json_number)


@dataclass(slots=True)
class AccessLog(Collected):
    def add(self, record: bytes, offset: int | None, to_row: ToRow) -> None:
        refused, rows = len(self._parsed.rejects), len(self._parsed.rows["requests"])
        # a class with slots has no `super()` of its own
        Collected.add(self, record, offset, to_row)
        if len(self._parsed.rejects) == refused and len(self._parsed.rows["requests"]) == rows:
            self._parsed.foreign += 1


def record_of(literal: bytes) -> dict[str, Any]:
    """A JSON object, its numbers exact."""
    try:
        return _RECORD.decode(literal)
    except msgspec.ValidationError as error:
        raise misfit(error) from None
    except msgspec.DecodeError:
        raise Unreadable(None, "not JSON") from None
