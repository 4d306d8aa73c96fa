"""The published folder is whole: moved, copied, read-only and read by DuckDB from anywhere."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.publishing.marts import open_marts
from orchestration.publishing.publish import publish
from tests.orchestration.small_warehouse import MODELS, ORIGIN, write_warehouse

DAYS = {"2026-09-01": ("a1", 3), "2026-09-02": ("b1", 2)}
TABLES = ("fct_cost_allocations", "mart_chargeback_monthly", "mart_reconciliation_monthly")
# the line of docs/bi.md
LINE = "SET file_search_path = '{folder}'"
# what a tool does that knows nothing of Tollbook, in another process and working directory
PLAIN = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
for statement in sys.argv[2:]:
    print(connection.execute(statement).fetchall())
"""


def plain(marts: Path, directory: Path, *statements: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", PLAIN, str(marts), *statements],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A folder with marts and their Parquet, nothing else."""
    folder = tmp_path / "published"
    folder.mkdir()
    warehouse = folder / "warehouse.duckdb"
    write_warehouse(warehouse, DAYS)
    publish(warehouse, folder / "marts.duckdb", MODELS, ORIGIN)
    warehouse.unlink()
    return folder


@pytest.fixture(params=["renamed", "copied", "read-only"])
def folder(request: pytest.FixtureRequest, published: Path, tmp_path: Path) -> Iterator[Path]:
    elsewhere = tmp_path / "else, where's [it]" / "marts"
    elsewhere.parent.mkdir()
    if request.param == "copied":
        shutil.copytree(published, elsewhere)
    else:
        published.rename(elsewhere)
    if request.param == "read-only":
        elsewhere.chmod(0o555)
    yield elsewhere
    elsewhere.chmod(0o755)


def test_it_holds_no_absolute_path_and_an_older_duckdb_opens_it(published: Path) -> None:
    marts = published / "marts.duckdb"
    assert str(published).encode() not in marts.read_bytes()
    with duckdb.connect(marts, read_only=True) as connection:
        views = connection.execute("select sql from duckdb_views() where not internal").fetchall()
        [(version,)] = connection.execute(
            "select tags['storage_version'] from duckdb_databases() where database_name = 'marts'"
        ).fetchall()
    assert len(views) == 2
    assert not any("'/" in sql for (sql,) in views)
    assert version == "v1.4.0+"


def test_wherever_it_is_tollbook_reads_it(folder: Path) -> None:
    with open_marts(folder / "marts.duckdb") as marts:
        assert marts.execute("select count(*) from fct_requests").fetchall() == [(5,)]
        assert marts.execute("select count(*) from requests_per_team").fetchall() == [(2,)]


def test_wherever_it_is_tables_are_read_as_they_are(folder: Path, tmp_path: Path) -> None:
    counted = [f"select count(*) > 0 from {table}" for table in TABLES]
    read = plain(folder / "marts.duckdb", tmp_path, *counted)
    assert read.stdout.split() == ["[(True,)]"] * len(TABLES), read.stderr
    without = plain(folder / "marts.duckdb", tmp_path, "select count(*) from fct_requests")
    assert "No files found" in without.stderr


@pytest.mark.parametrize("name", ["moved", "where's [it] now"])
def test_one_line_reads_the_requests(published: Path, tmp_path: Path, name: str) -> None:
    folder = published.rename(tmp_path / name)
    line = LINE.format(folder=str(folder).replace("'", "''"))
    for marts, directory in ((folder / "marts.duckdb", tmp_path), (Path("marts.duckdb"), folder)):
        statements = (line, "select count(*) from fct_requests", "from requests_per_team")
        read = plain(marts, directory, *statements)
        assert "[(5,)]" in read.stdout and "team1" in read.stdout, read.stderr


def test_the_parquet_of_the_working_directory_is_not_taken_for_its_own(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copytree(published, tmp_path / "copy")
    for file in (copy / "marts.requests").rglob("*.parquet"):
        file.write_bytes(b"of somebody else")
    monkeypatch.chdir(copy)
    with open_marts(published / "marts.duckdb") as marts:
        assert marts.execute("select count(*) from fct_requests").fetchall() == [(5,)]
