"""Places that nobody reads are counted from what each landed file said when it was new."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.contracts import REQUESTS
from orchestration.checks.unread_places import UnreadPlace, unread_places
from orchestration.warehouse.request_files import keep_up
from tests.orchestration.test_request_files import landed

NEWEST = datetime(2026, 10, 8, 12, tzinfo=UTC)
PLACES = {"team": ("tag:team",)}
LOGS, TABLE = 1, 0


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create schema landing")
        connection.execute(
            "create table landing.objects as select 'log' as source, 1 as batch, object_no,"
            " object_no < 8 as is_current from range(9) as numbers (object_no)"
        )
        yield connection


def request(number: int, **more: Any) -> dict[str, Any]:
    said = {"attributes": '{"tags": {"team_id": "t", "service_tier": "x", "steam": "x"}}'}
    fields = {"request_key": f"r{number}", "record_no": number, "object_no": 0}
    paid = {"gateway_cost": Decimal("1.5"), "evidence_rank": LOGS, "started_at": NEWEST}
    return {**said, **fields, **paid, **more}


def found(connection: duckdb.DuckDBPyConnection, *files: Path) -> list[tuple[str, int, Any]]:
    keep_up(connection, files, REQUESTS)
    unread = unread_places(connection, PLACES)
    return [(each.place, each.requests, each.cost) for each in unread]


def test_files_add_up_and_one_that_was_seen_is_not_opened(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    first = landed(tmp_path, "2026-10-08/1-a.parquet", request(0), request(1))
    assert found(connection, first) == [("tag:team_id", 2, Decimal(3))]
    first.write_bytes(b"no Parquet")
    other = request(2, object_no=1, unnamed_attributes='{"metadata:app.team": "h"}')
    second = landed(tmp_path, "2026-10-08/2-b.parquet", other)
    wanted = [("tag:team_id", 3, Decimal("4.5")), ("metadata:app.team", 1, Decimal("1.5"))]
    assert found(connection, first, second) == wanted
    # one that is gone is forgotten
    assert [place for place, *_ in found(connection, first)] == ["tag:team_id"]


def test_a_request_that_two_sinks_wrote_counts_once(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    logs = [request(number) for number in range(3)]
    table = [request(number, object_no=1, evidence_rank=TABLE) for number in range(2)]
    file = landed(tmp_path, "2026-10-08/1-a.parquet", *logs, *table)
    assert found(connection, file) == [("tag:team_id", 3, Decimal("4.5"))]


def test_of_replaced_objects_and_of_old_ones_nothing_counts(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    old = {"started_at": NEWEST - timedelta(days=32), "object_no": 2}
    rows = [request(0), request(1, object_no=8), request(2, **old)]
    file = landed(tmp_path, "2026-10-08/1-a.parquet", *rows)
    assert found(connection, file) == [("tag:team_id", 1, Decimal("1.5"))]
    ever = unread_places(connection, PLACES, days=36500)
    assert ever == [UnreadPlace("team", "tag:team_id", 2, Decimal(3))]
