"""The limit of whoever publishes requests: DuckDB copying them, Parquet to Parquet, once each.

    python -m benchmarks.first_run.copied MARTS.requests FOLDER [LEVEL]

prints the CPU seconds of the copies alone, without those of starting Python. `LEVEL`: of zstd, as
day files are written; else DuckDB's own.
"""

import sys
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.told_run import cpu_seconds

# dbt_project/macros/building/day_files.sql
LEVEL_OF_DAYS: Final = 1


def copy(requests: Path, target: Path, level: int | None = None) -> None:
    options = "FORMAT parquet, COMPRESSION zstd"
    options += f", COMPRESSION_LEVEL {level}" if level is not None else ""
    with duckdb.connect() as connection:
        for table in sorted(each for each in requests.iterdir() if each.is_dir()):
            files = [str(file) for file in sorted(table.rglob("*.parquet"))]
            connection.read_parquet(files).create_view("published")
            place = str(target / f"{table.name}.parquet").replace("'", "''")
            connection.execute(f"COPY (FROM published) TO '{place}' ({options})")


if __name__ == "__main__":
    before = cpu_seconds()
    copy(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
    print(cpu_seconds() - before)
