"""Records of a Parquet file, those with a value that Python cannot hold too."""

from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.records import Row
from ingestion.workspace.sections.object_limits import ObjectLimits, TooLarge

# A value of a column that Python has no value for.
UNHELD: Final = object()


def check_size(metadata: pq.FileMetaData, limits: ObjectLimits) -> None:
    """Before any of it is read: a few bytes of Parquet can stand for a billion equal rows."""
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    size = sum(group.total_byte_size for group in groups)
    problem = limits.many() if metadata.num_rows > limits.object_max_records else None
    if problem := problem or limits.problem(size):
        raise TooLarge(problem)


def records_of(table: pa.Table) -> Iterator[Row]:
    try:
        yield from in_microseconds(table).to_pylist()
    except (pa.ArrowException, OverflowError, ValueError):
        # a time past year 9999, or text that is not UTF-8: of these records alone
        for number in range(table.num_rows):
            row = table.slice(number, 1)
            yield {name: _cell(row.select([name])) for name in table.column_names}


def _cell(cell: pa.Table) -> Any:
    try:
        [record] = in_microseconds(cell).to_pylist()
    except (pa.ArrowException, OverflowError, ValueError):
        return UNHELD
    return next(iter(record.values()))


def in_microseconds(table: pa.Table) -> pa.Table:
    """Python's datetimes hold no nanoseconds. Seconds that microseconds cannot hold raise."""
    columns = [
        column.cast(_type_in_microseconds(column.type), safe="[ns" not in str(column.type))
        for column in table.columns
    ]
    return pa.table(columns, names=table.column_names)


def _type_in_microseconds(kind: pa.DataType) -> pa.DataType:
    """The type with its timestamps, or those inside of it, in microseconds."""
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", kind.tz)
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_type_in_microseconds(field.type)) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(kind.key_type, _type_in_microseconds(kind.item_type))
    return pa.list_(_type_in_microseconds(kind.value_type)) if pa.types.is_list(kind) else kind
