"""Landed requests as Parquet: any value comes back, and no column costs what it does not give."""

from io import BytesIO
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contracts import REQUESTS
from ingestion.landing.tables.parquet import DISTINCT, FEW, as_parquet

IDS = [str(UUID(int=number * 7919 << 64 | number)) for number in range(3000)]


def _requests() -> pa.Table:
    columns = {name: pa.nulls(len(IDS), REQUESTS.field(name).type) for name in REQUESTS.names}
    columns |= {
        "request_id": pa.array(IDS),
        "user_id": pa.array([f"user-{number % 5}" for number in range(len(IDS))]),
        "status": pa.array(["success", None, "error"] * 1000),
    }
    return pa.table({name: columns[name] for name in REQUESTS.names})


def test_columns_of_requests_are_of_the_contract() -> None:
    assert set(REQUESTS.names) >= DISTINCT | FEW
    assert not DISTINCT & FEW


def test_ids_have_no_dictionary_and_words_no_compressor() -> None:
    data = as_parquet("requests", _requests())
    group = pq.ParquetFile(BytesIO(data)).metadata.row_group(0)
    found = {
        column.path_in_schema: (column.compression, column.has_dictionary_page)
        for column in map(group.column, range(group.num_columns))
    }
    assert found["request_id"] == ("ZSTD", False)
    assert found["user_id"] == ("ZSTD", True)
    assert found["status"] == ("UNCOMPRESSED", True)
    assert pq.read_table(BytesIO(data)).equals(_requests())


def test_columns_of_another_release_are_written_as_they_are() -> None:
    rows = pa.table({"request_id": IDS, "of_later": IDS})
    data = as_parquet("requests", rows)
    assert pq.read_table(BytesIO(data)).equals(rows)
    group = pq.ParquetFile(BytesIO(data)).metadata.row_group(0)
    assert [group.column(place).compression for place in range(2)] == ["ZSTD", "ZSTD"]
