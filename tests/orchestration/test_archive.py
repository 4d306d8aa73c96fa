"""Day files of old closed months: in the archive, or back, whole at every moment."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import pytest

from orchestration.dbt.published_models import PublishedAs, PublishedModel
from orchestration.publishing.archive import Archive, archived_days
from orchestration.publishing.last_published import published_meters
from orchestration.publishing.marts import open_marts
from orchestration.publishing.publish import PublishError, publish
from orchestration.warehouse.built_days import day_files
from orchestration.warehouse.parquet_days import lost_files, sweep
from tests.orchestration.small_warehouse import MODELS, ORIGIN, write_days, write_warehouse

AUGUST = date(2026, 8, 1)
DAYS = {"2026-08-30": ("a1", 3), "2026-08-31": ("b1", 2), "2026-09-01": ("c1", 4)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "company"
    home.mkdir()
    write_warehouse(home / "warehouse.duckdb", DAYS)
    return home


def published(folder: Path, *months: date, place: Path | None = None) -> None:
    archive = Archive(place or folder / "archive", frozenset(months))
    publish(folder / "warehouse.duckdb", folder / "marts.duckdb", MODELS, ORIGIN, archive=archive)


def requests(folder: Path) -> int:
    with open_marts(folder / "marts.duckdb") as connection:
        return int(connection.execute("select count(*) from main.fct_requests").fetchall()[0][0])


def whole(folder: Path) -> dict[str, tuple[str, int]]:
    """Each day file of the marts' folder: where its bytes lie, and how many rows it has."""
    found = {}
    for file in sorted((folder / "marts.requests").glob("*/*/*.parquet")):
        [(rows,)] = duckdb.execute(f"select count(*) from read_parquet('{file}')").fetchall()
        found[file.parent.name] = (str(file.resolve().relative_to(folder)), rows)
    return found


def archived(name: str) -> str:
    return f"archive/fct_requests/{name}.parquet"


KEPT = "marts.requests/fct_requests/2026-09-01/c1.parquet"


def test_days_of_old_months_go_and_come_back(folder: Path) -> None:
    published(folder)
    before = whole(folder)
    published(folder, AUGUST)
    assert whole(folder) == {
        "2026-08-30": (archived("2026-08-30/a1"), 3),
        "2026-08-31": (archived("2026-08-31/b1"), 2),
        "2026-09-01": (KEPT, 4),
    }
    assert requests(folder) == 4
    with open_marts(folder / "marts.duckdb") as connection:
        assert [day for _, day, _ in archived_days(connection)] == [
            date(2026, 8, 30),
            date(2026, 8, 31),
        ]
    published(folder, AUGUST)
    assert requests(folder) == 4
    published(folder)
    assert whole(folder) == before and requests(folder) == 9
    assert not any((folder / "archive").rglob("*.parquet"))


def test_a_build_finds_archived_days_as_they_were(folder: Path) -> None:
    published(folder, AUGUST)
    place = folder / "marts.requests"
    with duckdb.connect(folder / "warehouse.duckdb") as connection:
        files = day_files(connection, place)["fct_requests"]
    assert len(files) == 3 and lost_files(place, files) == []
    # an archive that was taken away is built again
    (folder / archived("2026-08-30/a1")).unlink()
    assert lost_files(place, files) == files[:1]


def test_the_workspace_moves_with_its_archive(folder: Path, tmp_path: Path) -> None:
    published(folder, AUGUST)
    folder.rename(tmp_path / "moved")
    assert whole(tmp_path / "moved")["2026-08-30"] == (archived("2026-08-30/a1"), 3)


def test_another_archive_takes_all_from_the_one_before(folder: Path) -> None:
    published(folder, AUGUST, place=folder / "first")
    published(folder, AUGUST)
    assert whole(folder)["2026-08-30"] == (archived("2026-08-30/a1"), 3)
    assert not any((folder / "first").rglob("*.parquet"))


def test_a_day_that_was_built_again_replaces_the_archived_one(folder: Path) -> None:
    published(folder, AUGUST)
    with duckdb.connect(folder / "warehouse.duckdb") as connection:
        write_days(connection, {**DAYS, "2026-08-30": ("a2", 5)})
    published(folder, AUGUST)
    assert (folder / archived("2026-08-30/a2")).is_file()
    # the old one goes after a day, as others do, in both places
    files = {
        file
        for file in (folder / "marts.requests").glob("*/*/*.parquet")
        if file.stem in ("a2", "b1", "c1")
    }
    sweep(folder / "marts.requests", files, datetime.now(UTC) + timedelta(days=2))
    assert not (folder / archived("2026-08-30/a1")).exists()
    assert whole(folder)["2026-08-30"] == (archived("2026-08-30/a2"), 5)


def test_restatements_are_told_of_archived_days_too(folder: Path) -> None:
    meters = "create table main.fct_request_meters as select * from main.fct_requests"
    with duckdb.connect(folder / "warehouse.duckdb") as connection:
        connection.execute(meters)
        write_days(connection, DAYS)
    models = [PublishedModel("fct_request_meters", PublishedAs.PARQUET_BY_DAY)]
    archive = Archive(folder / "archive", frozenset({AUGUST}))
    with duckdb.connect(folder / "warehouse.duckdb") as connection:
        connection.execute("drop table main.fct_requests")
    publish(folder / "warehouse.duckdb", folder / "marts.duckdb", models, ORIGIN, archive=archive)
    found = published_meters(folder / "marts.duckdb")
    assert {file.parent.name for file in found} == DAYS.keys()


def test_an_archive_that_cannot_be_written_is_told_and_loses_nothing(folder: Path) -> None:
    published(folder)
    (folder / "archive").write_text("a file")
    with pytest.raises(PublishError, match="archive: day files cannot be moved to it or back"):
        published(folder, AUGUST)
    assert {rows for _, rows in whole(folder).values()} == {2, 3, 4}


MOVING = """
import sys, datetime, itertools
from pathlib import Path
from orchestration.publishing.archive import Archive
home = Path(sys.argv[1])
out = Archive(home / "archive", frozenset({datetime.date(2026, 8, 1)}))
back = Archive(home / "archive", frozenset())
print("ready", flush=True)
for _ in itertools.count():
    out.take((home / "marts.requests").glob("*/*/*.parquet"))
    back.give_back(home / "marts.requests")
"""


@pytest.mark.parametrize(
    "moment", [*range(4), *(pytest.param(n, marks=pytest.mark.whole) for n in range(4, 10))]
)
def test_killed_at_any_moment_every_day_is_whole_and_the_next_run_completes(
    moment: int, folder: Path
) -> None:
    published(folder)
    process = subprocess.Popen(
        [sys.executable, "-c", MOVING, str(folder)], stdout=subprocess.PIPE, cwd=Path.cwd()
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(Random(moment).uniform(0.001, 0.05))
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert {day: rows for day, (_, rows) in whole(folder).items()} == {
        "2026-08-30": 3,
        "2026-08-31": 2,
        "2026-09-01": 4,
    }
    published(folder, AUGUST)
    assert whole(folder)["2026-08-31"] == (archived("2026-08-31/b1"), 2)
    published(folder)
    assert requests(folder) == 9
    assert not any((folder / "archive").rglob("*.parquet"))
