"""When each list was last walked to its end: a note beside the run's, not the records.

It saves requests alone: without it the whole overlap is asked for.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import msgspec


@dataclass(slots=True)
class Walked:
    note: Path | None = None
    _moments: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            data = self.note.read_bytes() if self.note else b"{}"
            self._moments = msgspec.json.decode(data, type=dict[str, datetime])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            self._moments = {}

    def is_due(
        self, folder: str, newest: datetime | None, overlap: timedelta, now: datetime
    ) -> bool:
        """Whether a record may have come late that the first page does not show.

        Not where nothing can come any more, and not a quarter of the overlap after the last walk.
        """
        walked = self._moments.get(folder)
        if walked is None or newest is None:
            return True
        return walked < min(newest + overlap, now - overlap / 4)

    def keep(self, folder: str, moment: datetime) -> None:
        self._moments[folder] = moment
        if self.note is not None:
            temporary = self.note.with_name(f".{secrets.token_hex(8)}.tmp")
            temporary.write_bytes(msgspec.json.encode(self._moments))
            temporary.replace(self.note)
