"""Many records of a company's own log as columns of the contract, without a row of each.

What each record says for itself (`own_columns.py`) goes from column to column. The rest of it other
records say, too: of each kind one record becomes a row, by the rules of `row.py`, and stands for
all. A record that is odd in anything is left to these rules by itself.
"""

from collections.abc import Callable, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.gateways.generic.columns import Columns
from ingestion.gateways.generic.kinds import first_of_each, kinds_of
from ingestion.gateways.generic.made_columns import meter_columns, own_columns, time_columns
from ingestion.gateways.generic.own_columns import OWN, refuse_odd_keys
from ingestion.gateways.generic.paths import heads
from ingestion.gateways.generic.row import key_after, key_before
from ingestion.reading.columns.kind_columns import proves, with_kinds
from ingestion.records import NO_REQUEST, Row

# Fewer are read sooner one by one.
FEWEST: Final = 500
# A kind for so few records each is no kind.
FEWEST_A_KIND: Final = 4
# Places of records -> the row of each as it lands, None where its rules refuse it
RowsOf = Callable[[Sequence[int]], list[Row | None]]
# The rows as columns, and the places of the records that they are of
Made = tuple[pa.Table, pa.Array]


def can_be_columns(table: pa.Table, columns: Columns) -> bool:
    """Whether each field stands in a column of its own, if at all."""
    names = table.column_names
    if table.num_rows < FEWEST or len(set(names)) < len(names):
        return False
    sources = columns.sources
    needed = ("request_id", "started_at", "input_quantity", "output_quantity")
    if any(sources[field] not in names for field in needed):
        return False
    if sources.get("cache_write_tokens") in names:
        return False
    return not any(
        head in names for path in columns.read if path not in names for head in heads(path)
    )


def columns_of_table(
    table: pa.Table, columns: Columns, source: str, rows_of: RowsOf
) -> Made | None:
    """The rows of the contract but for their lineage; None where all are to be read one by one."""
    said = {
        field: _plain_type(table[name].combine_chunks())
        for field, name in columns.sources.items()
        if name in table.column_names
    }
    own = own_columns(said, columns, table.num_rows)
    refuse_odd_keys(own, key_before(source))
    made = time_columns(own) | meter_columns(own, said, table, columns)
    places = pc.indices_nonzero(pc.invert(own.odd)).cast(pa.int64())
    if len(places) < FEWEST:
        return None
    kinds = kinds_of(
        [column.take(places) for name, column in said.items() if name not in OWN], len(places)
    )
    firsts = first_of_each(kinds)
    if len(firsts) * FEWEST_A_KIND > len(places):
        return None
    rows = rows_of(places.take(firsts).to_pylist())
    taken = {name: column.take(places) for name, column in made.items()}
    whole = _assembled(taken, [row or NO_REQUEST for row in rows], kinds, source)
    if not proves(rows, whole, firsts):
        return None
    stands = pa.array([row is not None for row in rows], pa.bool_()).take(kinds)
    return whole.filter(stands), places.filter(stands)


def _plain_type(column: pa.Array) -> pa.Array:
    """Texts in the one type that Arrow has most functions for."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.cast(pa.string()) if pa.types.is_large_string(column.type) else column


def _assembled(
    made: dict[str, pa.Array], kinds: list[Row], kind_of: pa.Array, source: str
) -> pa.Table:
    after = pa.array([key_after(row) for row in kinds], pa.string()).take(kind_of)
    made["request_key"] = pc.binary_join_element_wise(
        key_before(source), made["request_id"], after, ""
    )
    if "customer_id" in made:
        user = made.get("user_id", pa.nulls(len(kind_of), pa.string()))
        made["user_id"] = pc.coalesce(user, made["customer_id"])
    return with_kinds(made, kinds, kind_of)
