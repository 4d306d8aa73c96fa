"""Records of JSON and CSV of a company's own log, by columns where they are plain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from ingestion.gateways.generic import by_columns
from ingestion.gateways.generic.by_columns import Made, can_be_columns, columns_of_table
from ingestion.gateways.generic.choices import of_all
from ingestion.gateways.generic.columns import Columns
from ingestion.gateways.generic.object_rows import ObjectRows
from ingestion.gateways.generic.record_columns import record_columns
from ingestion.reading.columns.together import CollectedTogether, Waiting
from ingestion.records import Row


@dataclass(slots=True)
class GenericRecords(CollectedTogether):
    rows: ObjectRows = field(kw_only=True)

    @property
    def fewest(self) -> int:
        return by_columns.FEWEST

    def columns_of(self, waiting: list[Waiting]) -> tuple[pa.Table, pa.Array] | None:
        known = [(each.record_no, self.rows.said(each.literal, each.said)) for each in waiting]
        plain = [(number, said) for number, said in known if said is not None]
        try:
            records = [said for _, said in plain]
            columns = of_all(self.rows.columns, records)
            if columns is None:
                return None
            table, places = record_columns(records, columns)
            chosen = [plain[place] for place in places]
            made = self._made(table, columns, chosen)
        except (pa.ArrowException, ArithmeticError, RecursionError, ValueError):
            # a value that no column holds: told by its record
            return None
        if made is None:
            return None
        self.rows.see(table.column_names)
        return made[0], pa.array([number for number, _ in chosen], pa.int64()).take(made[1])

    def _made(
        self, table: pa.Table, columns: Columns, chosen: Sequence[tuple[int, Mapping[str, Any]]]
    ) -> Made | None:
        if not can_be_columns(table, columns):
            return None

        def rows_of(places: Sequence[int]) -> list[Row | None]:
            return self.rows.landed((chosen[place] for place in places), self)

        return columns_of_table(table, columns, self.rows.source, rows_of)
