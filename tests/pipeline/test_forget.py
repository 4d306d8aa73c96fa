"""`tollbook forget`: nobody of the marts is gone from them but by name, and no file has the id."""

import hashlib
import re
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import duckdb
import pytest
from workspace_runs import copy_workspace
from workspaces import HISTORY, Rows, command, contents, query, start_run

from ingestion.landing.forgetting.forgotten import NAME, read_forgotten
from ingestion.storage.objects import open_storage

# five whole runs and two readings; tests/ingestion/test_forgotten.py is the short form
pytestmark = pytest.mark.whole
# people's own, and what is never changed
NOT_ASKED = ("logs", "bills", "reference", "ledger", "truth")
RULES = "priority,match,set_feature,valid_from,valid_to\n"
TOP = "select user_id from fct_requests group by all order by count(*) desc, user_id limit 2"


def state(folder: Path) -> dict[str, str]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def holding(folder: Path, user: str) -> list[str]:
    """Files that have it: by their bytes, by the texts of Parquet and of DuckDB's tables."""
    asked = [place for place in folder.iterdir() if place.name not in NOT_ASKED]
    files = [file for place in asked for file in (place, *place.rglob("*")) if file.is_file()]
    assert {"landing", "marts.requests", "marts.duckdb", "warehouse.duckdb", "exports"} <= {
        place.name for place in asked
    }
    return [str(file) for file in files if user.encode() in file.read_bytes() or _has(file, user)]


def _has(file: Path, user: str) -> bool:
    with duckdb.connect() as connection:
        if file.suffix == ".parquet":
            tables = [f"read_parquet('{file}')"]
        elif file.suffix == ".duckdb":
            connection.execute(f"attach '{file}' as held (read_only)")
            names = connection.execute(
                "select schema_name, table_name from duckdb_tables() where database_name = 'held'"
            ).fetchall()
            tables = [f'held."{schema}"."{name}"' for schema, name in names]
        else:
            return False
        return any(
            connection.execute(
                f"select count(*) from {table} as t where contains(t::varchar, ?)", [user]
            ).fetchall()
            != [(0,)]
            for table in tables
        )


def test_a_person_is_forgotten_and_every_sum_stays(small: Path, tmp_path: Path) -> None:
    folder = copy_workspace(small, tmp_path / "company")
    (first,), (second,) = query(folder, TOP)
    before, files = contents(folder), state(folder)

    unknown = command(folder, "forget", "--user", "nobody@acme.example")
    assert "nothing that has landed has the id nobody@acme.example" in str(unknown.exception)
    teams = folder / "reference" / "teams.csv"
    text = teams.read_text()
    teams.write_text(f"{text}{first.upper()},x\n")
    told = command(folder, "forget", "--user", first, "--dry-run")
    assert told.exception is None and f"teams.csv:{text.count(chr(10)) + 1} says" in told.output
    teams.write_text(text)
    told = command(folder, "forget", "--user", first, "--dry-run")
    assert told.exception is None and "requests" in told.output and first in told.output
    assert state(folder) == files and holding(folder, first)

    # a rule that decides by the id says the name beside it first
    rules = folder / "reference" / "attribution_rules.csv"
    rules.write_text(f"{RULES}1,user={first},chat,2020-01-01,2020-02-01\n")
    refused = command(folder, "forget", "--user", first)
    name = re.search(r"forgotten-[0-9a-f]{16}", str(refused.exception))
    assert name and f"{first} stands in attribution_rules.csv:" in str(refused.exception)
    rules.write_text(f"{rules.read_text()}1,user={name[0]},chat,2020-01-01,2020-02-01\n")

    done = command(folder, "forget", "--user", first)
    assert done.exception is None, f"{done.output}{done.exception}"
    assert f"attribution_rules.csv:2: says {first} still" in done.output
    rules.unlink()

    # killed once the list has the second person, before or while its files go
    listed = folder / "landing" / NAME
    was = listed.read_bytes()
    _forgets_after_a_kill(folder, second, lambda: listed.read_bytes() != was)
    assert holding(folder, first) == []
    _same_but_for(folder, before, [first, second])


@pytest.mark.slow
@pytest.mark.parametrize("moment", range(20))
def test_a_forgetting_that_is_killed_at_any_moment(
    moment: int, small: Path, tmp_path: Path
) -> None:
    folder = copy_workspace(small, tmp_path / "company")
    (user,), _ = query(folder, TOP)
    before = contents(folder)
    # from before its first import to after its last build, 20 s on an idle core
    began, after = time.monotonic(), Random(moment).uniform(0, 30)
    _forgets_after_a_kill(folder, user, lambda: time.monotonic() - began > after)
    _same_but_for(folder, before, [user])


def _forgets_after_a_kill(folder: Path, user: str, reached: Callable[[], bool]) -> None:
    process = start_run(folder, "forget", "--user", user)
    while process.poll() is None and not reached():
        time.sleep(0.005)
    process.kill()
    process.communicate()
    done = command(folder, "forget", "--user", user)
    assert done.exception is None, f"{done.output}{done.exception}"
    assert holding(folder, user) == []


def _same_but_for(folder: Path, before: Rows, users: list[str]) -> None:
    """Every row of every table, with the names in place of these ids; the landing's own apart."""
    people = read_forgotten(open_storage(str(folder / "landing")))
    names = {user: people.name_of(user) for user in users}
    now = contents(folder)
    assert now.keys() == before.keys()
    for table in before.keys() - set(HISTORY):
        expected = [tuple(_named(cell, names) for cell in row) for row in before[table]]
        assert sorted(map(repr, now[table])) == sorted(map(repr, expected)), table


def _named(cell: object, names: dict[str, str | None]) -> object:
    return names.get(cell, cell) if isinstance(cell, str) else cell
