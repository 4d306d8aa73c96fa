"""Files that landed under an older contract are read beside, or without, newer ones."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contracts import REQUESTS
from orchestration.warehouse import replace_landing


def test_a_column_that_no_file_has_is_there_and_null(tmp_path: Path) -> None:
    kept = [name for name in REQUESTS.names if name != "code_sessions_quantity"]
    row = {"request_key": "a", "input_quantity": 5}
    older = pa.schema([REQUESTS.field(name).with_nullable(True) for name in kept])
    file = tmp_path / "older.parquet"
    pq.write_table(pa.Table.from_pylist([row], schema=older), file)
    with duckdb.connect() as connection:
        replace_landing(connection, {"requests": [file]}, {})
        found = connection.sql(
            "select request_key, input_quantity, code_sessions_quantity from landing.requests"
        )
        assert (found.fetchall(), found.types[2]) == ([("a", 5, None)], "BIGINT")
