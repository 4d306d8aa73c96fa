"""Collects records that wait for others like them, to become columns of the contract together."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
from msgspec import Struct

from ingestion.reading.collecting import Collected, ToRow
from ingestion.reading.records.decompression import Decompressed
from ingestion.records import Parsed

# Records that are in hand at once.
TOGETHER: Final = 20_000


class Waiting(Struct, gc=False):
    """`said`: what the record says, where that is known without decoding its bytes, `length` how
    many there are of these."""

    record_no: int
    literal: bytes
    offset: int | None
    length: int
    to_row: ToRow
    said: Mapping[str, Any] | None


@dataclass(slots=True)
class CollectedTogether(Collected):
    """As `Collected`; what does not become columns is added by itself, at its number and place."""

    _waiting: list[Waiting] = field(default_factory=list)
    _by_columns: bool = True
    # how many wait when they are looked at
    _next_look: int = field(default_factory=lambda: TOGETHER)

    @abstractmethod
    def columns_of(self, waiting: list[Waiting]) -> tuple[pa.Table, pa.Array] | None:
        """Rows as columns but for their lineage, and the numbers of the records that they are of.

        None where none stands in columns, nor will those that follow.
        """

    @property
    @abstractmethod
    def fewest(self) -> int:
        """Fewer are read sooner one by one."""

    def literal_of(self, waiting: Waiting) -> bytes:
        return waiting.literal

    def add(
        self,
        record: bytes,
        offset: int | None,
        to_row: ToRow,
        said: Mapping[str, Any] | None = None,
    ) -> None:
        self._waiting.append(
            Waiting(self._parsed.records, record, offset, len(record), to_row, said)
        )
        self._parsed.records += 1
        if len(self._waiting) >= self._next_look:
            self._look()

    def _look(self) -> None:
        """So many wait now."""
        self._take()

    def is_full(self, record: bytes, offset: int | None) -> bool:
        if self._parsed.records < self.limits.object_max_records:
            return False
        self._take()
        return Collected.is_full(self, record, offset)

    def finish(self, content: Decompressed, end: int | None) -> Parsed:
        self._take()
        return Collected.finish(self, content, end)

    def _take(self) -> None:
        waiting, self._waiting = self._waiting, []
        end = self._parsed.records
        in_columns = self._as_columns(waiting)
        for each in waiting:
            if each.record_no not in in_columns:
                self.skip_to(each.record_no)
                Collected.add(self, self.literal_of(each), each.offset, each.to_row)
        self.skip_to(end)

    def _as_columns(self, waiting: list[Waiting]) -> frozenset[int]:
        """The numbers of those that stand in columns now."""
        if not self._by_columns or len(waiting) < self.fewest:
            return frozenset()
        made = self.columns_of(waiting)
        if made is None:
            # what one part of an object is, its other parts are
            self._by_columns = False
            return frozenset()
        self.add_columns(*made)
        return frozenset(made[1].to_pylist())
