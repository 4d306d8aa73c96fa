"""The limit of whoever publishes requests: DuckDB copying them, Parquet to Parquet, once each.

    python -m benchmarks.first_run.copied MARTS.requests FOLDER

prints the CPU seconds of the copies alone, without those of starting Python.
"""

import sys
from pathlib import Path

import duckdb

from benchmarks.told_run import cpu_seconds


def copy(requests: Path, target: Path) -> None:
    with duckdb.connect() as connection:
        for table in sorted(each for each in requests.iterdir() if each.is_dir()):
            files = [str(file) for file in sorted(table.rglob("*.parquet"))]
            connection.read_parquet(files).write_parquet(
                str(target / f"{table.name}.parquet"), compression="zstd"
            )


if __name__ == "__main__":
    before = cpu_seconds()
    copy(Path(sys.argv[1]), Path(sys.argv[2]))
    print(cpu_seconds() - before)
