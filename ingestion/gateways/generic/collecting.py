"""Collects records of JSON and CSV, many at a time: by columns where they are plain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa

from ingestion.gateways.generic import by_columns
from ingestion.gateways.generic.by_columns import Made, can_be_columns, columns_of_table
from ingestion.gateways.generic.object_rows import ObjectRows
from ingestion.gateways.generic.record_columns import record_columns
from ingestion.reading.collecting import Collected, ToRow
from ingestion.reading.decompression import Decompressed
from ingestion.records import Parsed, Row

# Records that are in hand at once.
TOGETHER: Final = 20_000


@dataclass(slots=True)
class Waiting:
    """`said`: what the record says, where that is known without decoding its bytes."""

    record_no: int
    literal: bytes
    offset: int | None
    to_row: ToRow
    said: Mapping[str, Any] | None


@dataclass(slots=True)
class CollectedTogether(Collected):
    """As `Collected`, with the records in hand waiting for others of their kind."""

    rows: ObjectRows = field(kw_only=True)
    _waiting: list[Waiting] = field(default_factory=list)
    _by_columns: bool = True

    def add(
        self,
        record: bytes,
        offset: int | None,
        to_row: ToRow,
        said: Mapping[str, Any] | None = None,
    ) -> None:
        self._waiting.append(Waiting(self._parsed.records, record, offset, to_row, said))
        self._parsed.records += 1
        if len(self._waiting) >= TOGETHER:
            self._take()

    def is_full(self, record: bytes, offset: int | None) -> bool:
        if self._parsed.records >= self.limits.object_max_records:
            self._take()
        return Collected.is_full(self, record, offset)

    def finish(self, content: Decompressed, end: int | None) -> Parsed:
        self._take()
        return Collected.finish(self, content, end)

    def _take(self) -> None:
        waiting, self._waiting = self._waiting, []
        end = self._parsed.records
        few = len(waiting) < by_columns.FEWEST
        in_columns = self._as_columns(waiting) if self._by_columns and not few else frozenset()
        for each in waiting:
            if each.record_no not in in_columns:
                self.skip_to(each.record_no)
                Collected.add(self, each.literal, each.offset, each.to_row)
        self.skip_to(end)

    def _as_columns(self, waiting: list[Waiting]) -> frozenset[int]:
        """The numbers of those that stand in columns now."""
        known = [(each.record_no, self.rows.said(each.literal, each.said)) for each in waiting]
        plain = [(number, said) for number, said in known if said is not None]
        try:
            table, places = record_columns([said for _, said in plain], self.rows.columns)
            chosen = [plain[place] for place in places]
            made = self._made(table, chosen)
        except (pa.ArrowException, ArithmeticError, RecursionError, ValueError):
            # a value that no column holds: told by its record
            made = None
        if made is None:
            # what one part of an object is, its other parts are
            self._by_columns = False
            return frozenset()
        numbers = pa.array([number for number, _ in chosen], pa.int64()).take(made[1])
        self.rows.see(table.column_names)
        self.add_columns(made[0], numbers)
        return frozenset(numbers.to_pylist())

    def _made(
        self, table: pa.Table, chosen: Sequence[tuple[int, Mapping[str, Any]]]
    ) -> Made | None:
        if not can_be_columns(table, self.rows.columns):
            return None

        def rows_of(places: Sequence[int]) -> list[Row | None]:
            return self.rows.landed((chosen[place] for place in places), self)

        return columns_of_table(table, self.rows.columns, self.rows.source, rows_of)
