"""What models are written for is what has landed: nothing is left out that a row would need."""

from pathlib import Path

import duckdb
import pytest

from orchestration.dbt.written_for import written_for

TABLES = """
    CREATE SCHEMA landing;
    CREATE SCHEMA seen;
    CREATE TABLE landing.sources (kind VARCHAR);
    CREATE TABLE seen.context_days (source VARCHAR);
    CREATE TABLE seen.request_days (source VARCHAR, lowest_rank INTEGER, highest_rank INTEGER);
    CREATE TABLE landing.prices
        (meter VARCHAR, unit_price_per_million DECIMAL(38, 12), volume_above BIGINT);
    CREATE TABLE landing.contracts (volume_above BIGINT);
    CREATE TABLE landing.price_book (volume_above BIGINT);
    INSERT INTO landing.price_book VALUES (0);
    INSERT INTO landing.prices VALUES ('input', 1, 0);
"""


@pytest.mark.parametrize(
    ("days", "two_sinks"),
    [
        ("('a', 1, 1), ('a', 1, 1)", False),
        ("('a', 1, 1), ('b', 2, 2)", False),
        ("('a', 1, 2)", True),
        ("('a', 1, 1), ('a', 2, 2), ('b', 1, 1)", True),
    ],
)
def test_two_sinks_are_of_one_source_on_whatever_days(
    tmp_path: Path, days: str, two_sinks: bool
) -> None:
    warehouse = _warehouse(tmp_path, f"INSERT INTO seen.request_days VALUES {days}")

    assert written_for(warehouse)["has_two_sinks"] is two_sinks


@pytest.mark.parametrize("table", ["contracts", "price_book", "prices"])
def test_a_band_of_any_list_or_contract_has_uses_counted(tmp_path: Path, table: str) -> None:
    (tmp_path / "bands").mkdir()
    plain = _warehouse(tmp_path, "SELECT 1")
    banded = _warehouse(
        tmp_path / "bands", f"INSERT INTO landing.{table} (volume_above) VALUES (1000000)"
    )

    assert written_for(plain)["has_volume_bands"] is False
    assert written_for(banded)["has_volume_bands"] is True


def test_where_nothing_has_landed_models_are_written_for_all(tmp_path: Path) -> None:
    duckdb.connect(tmp_path / "warehouse.duckdb").close()

    assert written_for(tmp_path / "warehouse.duckdb") == {}


def _warehouse(folder: Path, rows: str) -> Path:
    place = folder / "warehouse.duckdb"
    with duckdb.connect(place) as connection:
        connection.execute(TABLES)
        connection.execute(rows)
    return place
