"""What a run compares with: days of the published marts, whatever became of their files."""

import shutil
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.dbt.published_models import PublishedAs, PublishedModel
from orchestration.publishing.last_published import published_meters, published_restatements
from orchestration.publishing.publish import publish
from orchestration.warehouse.landing_schema import PUBLISHED_METERS, replace_landing
from orchestration.warehouse.parquet_days import VERIFIED
from tests.orchestration.small_warehouse import ORIGIN, write_day_files

METERS = [PublishedModel("fct_request_meters", PublishedAs.PARQUET_BY_DAY)]
DAYS = {"2026-10-01": "a", "2026-10-02": "b"}
# as the release before published them, and as this one does
EARLIER = (
    "'r-' || day_hash as request_key, 'input' as meter, 1 as quantity,"
    " 0.5::decimal(38, 12) as list_cost"
)
NOW = f"{EARLIER}, 2.5::decimal(38, 12) as list_unit_price_per_million"


@pytest.fixture
def marts(tmp_path: Path) -> Path:
    return published(tmp_path, NOW)


def published(folder: Path, columns: str, days: Mapping[str, str] = DAYS) -> Path:
    rows = ", ".join(f"(date '{day}', '{day_hash}')" for day, day_hash in days.items())
    with duckdb.connect(folder / "warehouse.duckdb") as connection:
        connection.execute(
            f"create or replace table fct_request_meters as select usage_date, day_hash, {columns}"
            f" from (values {rows}) as days(usage_date, day_hash)"
        )
        write_day_files(connection)
    publish(folder / "warehouse.duckdb", folder / "marts.duckdb", METERS, ORIGIN)
    return folder / "marts.duckdb"


def landed(marts: Path, columns: str) -> list[tuple[Any, ...]]:
    """What a build reads of it."""
    with duckdb.connect() as connection:
        replace_landing(connection, {PUBLISHED_METERS: published_meters(marts)}, {})
        names = connection.execute("select * from landing.published_days order by all").fetchall()
        rows = connection.execute(
            f"select usage_date, {columns} from landing.{PUBLISHED_METERS} order by all"
        ).fetchall()
        assert [day for day, _ in names] == [day for day, *_ in rows]
    return [tuple(row[1:]) for row in rows]


def parquet(marts: Path, day_hash: str) -> Path:
    [file] = marts.with_name("marts.requests").rglob(f"{day_hash}.parquet")
    return file


def test_the_days_that_the_marts_name_are_read_and_no_others(marts: Path) -> None:
    stray = parquet(marts, "a").with_name("c.parquet")
    # of a run that was killed before its marts were there
    shutil.copyfile(parquet(marts, "a"), stray)
    assert landed(marts, "request_key, quantity, list_unit_price_per_million") == [
        ("r-a", 1, Decimal("2.5")),
        ("r-b", 1, Decimal("2.5")),
    ]


def test_what_an_earlier_release_did_not_publish_is_unknown(tmp_path: Path) -> None:
    marts = published(tmp_path, EARLIER)
    # nor did it note how files were written
    (tmp_path / "marts.requests" / VERIFIED).unlink()
    assert landed(marts, "request_key, list_cost, list_unit_price_per_million, price_id") == [
        ("r-a", Decimal("0.5"), None, None),
        ("r-b", Decimal("0.5"), None, None),
    ]


def test_views_with_absolute_names_are_read_where_the_marts_are(tmp_path: Path) -> None:
    marts = published(tmp_path, EARLIER)
    files = [str(parquet(marts, day_hash)) for day_hash in DAYS.values()]
    marts.unlink()
    with duckdb.connect(marts) as connection:
        connection.execute(f"create view fct_request_meters as select * from read_parquet({files})")
    shutil.copytree(tmp_path, moved := tmp_path.with_name(f"{tmp_path.name}-moved"))
    shutil.rmtree(tmp_path / "marts.requests")
    assert landed(marts, "request_key") == []
    assert landed(moved / "marts.duckdb", "request_key") == [("r-a",), ("r-b",)]


@pytest.mark.parametrize("noted", [True, False])
def test_a_file_that_is_gone_or_damaged_is_left_out(marts: Path, noted: bool) -> None:
    if not noted:
        (marts.with_name("marts.requests") / VERIFIED).unlink()
    file = parquet(marts, "a")
    file.write_bytes(file.read_bytes()[:-9])
    assert landed(marts, "request_key") == [("r-b",)]
    file.unlink()
    assert landed(marts, "request_key") == [("r-b",)]
    shutil.rmtree(marts.with_name("marts.requests"))
    assert landed(marts, "request_key") == []


def test_without_marts_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    marts = tmp_path / "marts.duckdb"
    assert landed(marts, "request_key") == []
    assert published_restatements(marts).num_rows == 0
    marts.write_text("no database")
    assert landed(marts, "request_key") == []
    assert published_restatements(marts).num_rows == 0
    marts.unlink()
    # of a workspace whose gateways have logged nothing yet, by a release without restatements
    published(tmp_path, NOW, {"2026-10-01": "a"})
    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        connection.execute("delete from fct_request_meters")
        write_day_files(connection)
    publish(tmp_path / "warehouse.duckdb", marts, METERS, ORIGIN)
    assert landed(marts, "request_key") == []
    assert published_restatements(marts).num_rows == 0
