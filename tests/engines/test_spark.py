"""A run whose request stage Spark has ends in the same tables and files as one by DuckDB alone.

The short form of `make spark-check`, which takes the sample. Without pyspark and a Java it is left
out, in CI never.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from benchmarks.engines.compared import compare_exports, compare_tables
from benchmarks.engines.spark_check import day_files_of_spark, missing, on_spark, run
from tests.once import made_once
from tests.pipeline.small_company import small_company

needs_spark = pytest.mark.skipif(
    bool(missing()) and not os.environ.get("TOLLBOOK_TEST_ALL"),
    reason=f"Spark is left out: {missing()}",
)


@dataclass(frozen=True, slots=True)
class Pair:
    """The same sources: one run by DuckDB alone, the other with its request stage on Spark."""

    duckdb: Path
    spark: Path

    def differing(self) -> dict[str, str]:
        found = [*compare_tables(*self), compare_exports(*self)]
        return {compared.name: str(compared) for compared in found if not compared.equal}

    def __iter__(self) -> Iterator[Path]:
        return iter((self.duckdb, self.spark))


@pytest.fixture(scope="session")
def of_small(shared_folder: Path) -> Pair:
    pair = Pair(small_company(shared_folder), shared_folder / "small-spark")
    with made_once(pair.spark) as absent:
        if absent:
            run(on_spark(pair.duckdb, pair.spark))
    return pair


@needs_spark
def test_a_small_company_is_the_same_row_by_row(of_small: Pair) -> None:
    assert day_files_of_spark(of_small.duckdb) == 0
    assert day_files_of_spark(of_small.spark) > 0
    assert of_small.differing() == {}


@needs_spark
def test_one_row_that_differs_is_told(of_small: Pair, tmp_path: Path) -> None:
    spoiled = Pair(of_small.duckdb, tmp_path / "spark")
    shutil.copytree(of_small.spark, spoiled.spark)
    with duckdb.connect(spoiled.spark / "warehouse.duckdb") as connection:
        connection.execute(
            "UPDATE intermediate.int_cell_meters SET list_cost_pico = list_cost_pico + 1"
            " WHERE rowid = (SELECT min(rowid) FROM intermediate.int_cell_meters"
            " WHERE list_cost_pico IS NOT NULL)"
        )
    # the views of a copied warehouse name the files of where it was built
    for export in (spoiled.spark / "exports").rglob("chargeback.csv"):
        export.write_bytes(export.read_bytes() + b"\n")
        break
    differing = spoiled.differing()
    assert differing.keys() == {"int_cell_meters", "files of exports"}
    assert "2 differ" in differing["int_cell_meters"]
