"""`make spark-check`: a run whose request stage is Spark's equals a run by DuckDB alone.

Of the sample, or of a simulated company; each is run as a user runs it.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.engines.compared import compare_exports, compare_tables
from ingestion.workspace.settings import LOCAL_SPARK
from orchestration.running.working_folder import REPOSITORY


def missing() -> str:
    """What Spark needs and this machine has not got, as a sentence; empty where all is there."""
    if not find_spec("pyspark") or not find_spec("dbt.adapters.spark"):
        return "pyspark and dbt-spark are not installed: make spark-setup"
    if not shutil.which("java"):
        return "Spark needs a Java of 17 or later: none is on the PATH"
    return ""


def sample(folder: Path) -> Path:
    return Path(shutil.copytree(REPOSITORY / "data" / "sample", folder))


def simulated(folder: Path, requests: int) -> Path:
    _tollbook("simulate", str(folder), "--requests", str(requests), "--days", "30", "--seed", "17")
    return folder


def on_spark(folder: Path, target: Path, spark: str = LOCAL_SPARK) -> Path:
    """The same sources and the same landing, of which nothing is built, for Spark."""
    built = shutil.ignore_patterns("*.duckdb*", "marts.requests", "exports", ".tollbook")
    shutil.copytree(folder, target, ignore=built)
    with (target / "tollbook.yaml").open("a", encoding="utf-8") as settings:
        settings.write(f"\nspark: {spark}\n")
    return target


def run(folder: Path) -> float:
    """The seconds that it took; 1 is also the status where a bill does not tie."""
    began = time.perf_counter()
    output = _tollbook("--workspace", str(folder), "run")
    if not (folder / "marts.duckdb").is_file():
        sys.exit(output)
    return time.perf_counter() - began


def _tollbook(*arguments: str) -> str:
    command = [str(Path(sys.executable).with_name("tollbook")), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def day_files_of_spark(folder: Path) -> int:
    """Of a workspace, so many; each says which program wrote it."""
    files = (folder / "marts.requests").glob("fct_*/*/*.parquet")
    return sum("parquet-mr" in pq.read_metadata(file).created_by for file in files)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compares Spark's request stage with DuckDB's.")
    parser.add_argument("--requests", type=int, help="simulated; else the sample is taken")
    parser.add_argument("--remote", default=LOCAL_SPARK, help="Spark Connect, as sc://host:15002")
    arguments = parser.parse_args()
    if lacking := missing():
        sys.exit(lacking)
    with tempfile.TemporaryDirectory(prefix="tollbook-spark-") as scratch:
        one = Path(scratch, "duckdb")
        simulated(one, arguments.requests) if arguments.requests else sample(one)
        print(f"run by DuckDB: {run(one):.0f} s")
        other = on_spark(one, Path(scratch, "spark"), arguments.remote)
        print(f"run with its request stage on Spark: {run(other):.0f} s")
        if not day_files_of_spark(other):
            sys.exit("Spark wrote no day file")
        found = [*compare_tables(one, other), compare_exports(one, other)]
    for compared in found:
        print(compared)
    if not all(compared.equal for compared in found):
        sys.exit("Spark's request stage is not DuckDB's")
    print(f"equal: {sum(compared.rows for compared in found):,} rows")


if __name__ == "__main__":
    main()
