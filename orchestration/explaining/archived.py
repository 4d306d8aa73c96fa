"""Where requests are that the marts name no more: in the archive of old closed months."""

from datetime import date
from pathlib import Path
from typing import Final

import duckdb

from orchestration.explaining.request import IDS
from orchestration.publishing.archive import archived_days
from orchestration.running.working_folder import requests_folder
from orchestration.warehouse.parquet_days import file_list

TABLE: Final = "fct_requests"
BACK: Final = "a larger `keep_requests_months`, or 0, in tollbook.yaml and a run bring it back"
DAYS: Final = """
    SELECT count(DISTINCT usage_date), min(usage_date), max(usage_date) FROM explained
    WHERE cell_id IS NOT NULL AND usage_date IN (SELECT unnest(?::DATE[]))
"""


def archived_request(connection: duckdb.DuckDBPyConnection, marts: Path, wanted: str) -> str | None:
    """The sentence for a request of that id in the archive; None where it has none."""
    files = _files(connection, marts)
    here = [file for file in files if file.is_file()]
    found = _found(here, wanted) if here else []
    if found:
        days = sorted({Path(file).parent.name for file in found})
        more = f" and of {len(days) - 1} more days" if len(days) > 1 else ""
        return (
            f"{wanted} is a request of {days[0]}{more} in the archive: {min(found)}; what it cost"
            f" is in its cell, and {BACK}"
        )
    if len(here) < len(files):
        gone = next(file for file in files if not file.is_file())
        return (
            f"no request has the id {wanted}; of {len(files) - len(here)} archived days nobody can"
            f" know, as {gone.resolve()} is not there"
        )
    return None


def archived_days_of(connection: duckdb.DuckDBPyConnection, marts: Path) -> str:
    """A note on what `explain` has made of a month: whose requests are not below it."""
    files = _files(connection, marts)
    if not files:
        return ""
    days = [file.parent.name for file in files]
    [(count, first, last)] = connection.execute(DAYS, [days]).fetchall()
    if not count:
        return ""
    where = files[0].resolve().parents[2]
    return f"requests of {count} days, {first} to {last}, are in {where}: {BACK}"


def archived_of_month(
    connection: duckdb.DuckDBPyConnection, marts: Path, month: date
) -> str | None:
    """The sentence for a UTC month of which requests are in the archive; None where none is."""
    files = _files(connection, marts)
    days = sorted(
        name for file in files if (name := file.parent.name).startswith(f"{month:%Y-%m}-")
    )
    if not days:
        return None
    return f"requests of {len(days)} days, {days[0]} to {days[-1]}, are in the archive: {BACK}"


def _files(connection: duckdb.DuckDBPyConnection, marts: Path) -> list[Path]:
    """As they are called in the folder of the marts, where links lead to them."""
    folder = requests_folder(marts)
    return [
        folder / table / f"{day}" / name
        for table, day, name in archived_days(connection)
        if table == TABLE
    ]


def _found(files: list[Path], wanted: str) -> list[str]:
    """Files that hold it."""
    held = file_list([file.resolve() for file in files])
    same = " OR ".join(f"{name} = $id" for name in IDS)
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT DISTINCT filename FROM"
            f" read_parquet({held}, union_by_name = true, filename = true) WHERE {same}",
            {"id": wanted},
        ).fetchall()
    return [file for [file] in rows]
