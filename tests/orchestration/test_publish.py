"""Publishing: readers always see one whole state of the marts."""

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.dbt.published_models import PublishedAs, PublishedModel
from orchestration.publishing.marts import open_marts
from orchestration.publishing.publish import PublishError, publish
from orchestration.warehouse.parquet_days import sweep
from tests.orchestration.small_warehouse import MODELS, ORIGIN, write_days, write_warehouse

DAYS = {"2026-09-01": ("a1", 3), "2026-09-02": ("b1", 2)}


def count(marts: Path, sql: str = "select count(*) from main.fct_requests") -> int:
    with open_marts(marts) as connection:
        return connection.execute(sql).fetchall()[0][0]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    write_warehouse(path, DAYS)
    return path


def change_days(warehouse: Path, days: dict[str, tuple[str, int]]) -> None:
    with duckdb.connect(warehouse) as connection:
        write_days(connection, days)


def test_published_marts_hold_tables_views_and_days(warehouse: Path, tmp_path: Path) -> None:
    marts = tmp_path / "marts.duckdb"
    done = publish(warehouse, marts, MODELS, ORIGIN)
    assert (done.tables, done.views, done.days_written) == (18, 2, 2)
    assert count(marts) == 5
    assert count(marts, "select count(*) from main.requests_per_team") == 2
    assert marts.stat().st_mode & 0o777 == 0o444
    files = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.parquet"))
    assert files == [
        Path("marts.requests/fct_requests/2026-09-01/a1.parquet"),
        Path("marts.requests/fct_requests/2026-09-02/b1.parquet"),
    ]


def test_what_the_warehouse_says_of_a_relation_is_published_with_it(
    warehouse: Path, tmp_path: Path
) -> None:
    with duckdb.connect(warehouse) as connection:
        connection.execute(f"create view main.requests_per_team as {MODELS[-1].sql}")
        connection.execute("""
            comment on table main.fct_requests is 'One row per request: the log''s.';
            comment on column main.fct_requests.team is 'Who asked.';
            comment on table main.fct_cost_allocations is 'One row per allocation.';
            comment on column main.fct_cost_allocations.billed_cost is 'Invoice basis.';
            comment on view main.requests_per_team is 'One row per team.';
            comment on column main.requests_per_team.requests is 'How many.'
        """)
    publish(warehouse, tmp_path / "marts.duckdb", MODELS, ORIGIN)
    with open_marts(tmp_path / "marts.duckdb") as marts:
        relations = marts.execute(
            "select table_name, comment from duckdb_tables() where comment is not null union all"
            " select view_name, comment from duckdb_views() where comment is not null order by all"
        ).fetchall()
        columns = marts.execute(
            "select table_name, column_name, comment from duckdb_columns()"
            " where comment is not null order by all"
        ).fetchall()
    assert relations == [
        ("fct_cost_allocations", "One row per allocation."),
        ("fct_requests", "One row per request: the log's."),
        ("requests_per_team", "One row per team."),
    ]
    assert columns == [
        ("fct_cost_allocations", "billed_cost", "Invoice basis."),
        ("fct_requests", "team", "Who asked."),
        ("requests_per_team", "requests", "How many."),
    ]


def test_only_changed_days_are_written_and_a_vanished_day_is_gone(
    warehouse: Path, tmp_path: Path
) -> None:
    marts = tmp_path / "marts.duckdb"
    publish(warehouse, marts, MODELS, ORIGIN)
    kept = tmp_path / "marts.requests/fct_requests/2026-09-02/b1.parquet"
    before = kept.stat().st_mtime_ns
    change_days(warehouse, {"2026-09-02": ("b1", 2), "2026-09-03": ("c1", 4)})
    assert publish(warehouse, marts, MODELS, ORIGIN).days_written == 1
    assert kept.stat().st_mtime_ns == before
    assert count(marts) == 6


def test_marts_read_from_any_working_directory(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(warehouse, tmp_path / "marts.duckdb", MODELS, ORIGIN)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert count(tmp_path / "marts.duckdb") == 5


def test_marts_without_requests_keep_their_columns(tmp_path: Path) -> None:
    write_warehouse(tmp_path / "w.duckdb", {})
    publish(tmp_path / "w.duckdb", tmp_path / "marts.duckdb", MODELS, ORIGIN)
    assert count(tmp_path / "marts.duckdb") == 0


def test_old_parquet_goes_a_day_after_it_was_last_referenced(
    warehouse: Path, tmp_path: Path
) -> None:
    marts = tmp_path / "marts.duckdb"
    publish(warehouse, marts, MODELS, ORIGIN)
    old = tmp_path / "marts.requests/fct_requests/2026-09-01/a1.parquet"
    os.utime(old, (0, 0))
    change_days(warehouse, {"2026-09-01": ("a2", 1), "2026-09-02": ("b1", 2)})
    publish(warehouse, marts, MODELS, ORIGIN)
    assert old.exists()
    folder = tmp_path / "marts.requests"
    current = set(folder.rglob("*.parquet")) - {old}
    assert sweep(folder, current, datetime.now(UTC) + timedelta(hours=25)) == [old]
    assert not old.exists()
    assert count(marts) == 3


def test_readers_see_whole_states_while_marts_are_published_again_and_again(
    warehouse: Path, tmp_path: Path
) -> None:
    marts = tmp_path / "marts.duckdb"
    publish(warehouse, marts, MODELS, ORIGIN)
    seen: set[int] = set()
    errors: list[BaseException] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                seen.add(count(marts))
            except BaseException as error:
                errors.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(8):
        change_days(warehouse, {"2026-09-01": (f"x{number % 2}", 10 + number % 2)})
        publish(warehouse, marts, MODELS, ORIGIN)
    stop.set()
    reader.join()
    assert not errors
    assert seen <= {5, 10, 11}


HOLD_READ_WRITE = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("create table main.mine as select 1 as one")
print("open", flush=True)
sys.stdin.readline()
"""


def test_marts_survive_a_program_that_opens_them_read_write(
    warehouse: Path, tmp_path: Path
) -> None:
    marts = tmp_path / "marts.duckdb"
    publish(warehouse, marts, MODELS, ORIGIN)
    marts.chmod(0o644)
    command = [sys.executable, "-c", HOLD_READ_WRITE, str(marts)]
    holder = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        assert count(marts) == 5  # a private copy, while it is held
        publish(warehouse, marts, MODELS, ORIGIN)
        assert duckdb.connect(marts, read_only=True).execute("select 1").fetchall() == [(1,)]
    finally:
        holder.kill()
        holder.wait()
        if holder.stdin:
            holder.stdin.close()
        if holder.stdout:
            holder.stdout.close()
    assert count(marts) == 5


def test_a_stray_wal_neither_breaks_queries_nor_the_next_publish(
    warehouse: Path, tmp_path: Path
) -> None:
    marts = tmp_path / "marts.duckdb"
    publish(warehouse, marts, MODELS, ORIGIN)
    other = tmp_path / "other.duckdb"
    with duckdb.connect(other) as connection:
        connection.execute("set wal_autocheckpoint = '1GB'; create table t as select 1 as one")
        wal = other.with_name("other.duckdb.wal").read_bytes()
    marts.with_name("marts.duckdb.wal").write_bytes(wal)
    assert count(marts) == 5
    publish(warehouse, marts, MODELS, ORIGIN)
    assert not marts.with_name("marts.duckdb.wal").exists()


def test_a_failed_publish_leaves_the_old_marts(warehouse: Path, tmp_path: Path) -> None:
    marts = tmp_path / "marts.duckdb"
    publish(warehouse, marts, MODELS, ORIGIN)
    broken = [*MODELS, PublishedModel("v", PublishedAs.VIEW, 'select * from "staging"."gone"')]
    with pytest.raises(PublishError, match="only published models"):
        publish(warehouse, marts, broken, ORIGIN)
    assert count(marts) == 5
    assert not list(tmp_path.glob(".marts*"))


def test_a_day_whose_file_is_gone_is_refused(warehouse: Path, tmp_path: Path) -> None:
    marts = tmp_path / "marts.duckdb"
    publish(warehouse, marts, MODELS, ORIGIN)
    change_days(warehouse, {"2026-09-01": ("a2", 1)})
    (tmp_path / "marts.requests/fct_requests/2026-09-01/a2.parquet").unlink()
    with pytest.raises(PublishError, match=r"a2\.parquet: is gone since it was built"):
        publish(warehouse, marts, MODELS, ORIGIN)
    assert count(marts) == 5
