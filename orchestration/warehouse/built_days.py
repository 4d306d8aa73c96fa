"""`built.built_days`: the days of requests whose every output is written, tested and whole.

A build makes the days that are not among them. What a run that was killed wrote is made again.
"""

from pathlib import Path
from typing import Final

import duckdb

from orchestration.warehouse.parquet_days import day_file, lost_files, record_files

# The table, as an asset of the warehouse step.
BUILT_DAYS: Final = "built_days"
# Models whose rows are day files.
BY_DAY: Final = ("fct_requests", "fct_request_meters")
# Of the build that has just ended well, and the model that it writes last.
LAST: Final = "int_days_built"


def prepare_days(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE SCHEMA IF NOT EXISTS built")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS built.built_days (usage_date DATE, day_hash VARCHAR)"
    )


def forget_days(connection: duckdb.DuckDBPyConnection) -> None:
    """Every day is built again."""
    prepare_days(connection)
    connection.execute("DELETE FROM built.built_days")


def forget_lost_days(
    connection: duckdb.DuckDBPyConnection, folder: Path, *, note: bool = True
) -> None:
    """Days of which a file in `folder` is not as it was written are built again."""
    prepare_days(connection)
    files = [file for each in day_files(connection, folder).values() for file in each]
    lost = lost_files(folder, files, note=note)
    days = sorted({file.parent.name for file in lost})
    connection.execute(
        "DELETE FROM built.built_days WHERE usage_date IN (SELECT unnest(?::DATE[]))", [days]
    )


def note_built_days(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """The days that a build has made: of it everything is written, and its tests have passed."""
    made = connection.execute(f"SELECT usage_date, day_hash FROM intermediate.{LAST}").fetchall()
    record_files(folder, [day_file(folder, table, *day) for table in BY_DAY for day in made])
    connection.execute("BEGIN")
    connection.execute(
        "DELETE FROM built.built_days"
        f" WHERE usage_date IN (SELECT usage_date FROM intermediate.{LAST})"
    )
    connection.execute(
        f"INSERT INTO built.built_days SELECT usage_date, day_hash FROM intermediate.{LAST}"
    )
    connection.execute("COMMIT")


def day_files(
    connection: duckdb.DuckDBPyConnection, folder: Path, database: str = ""
) -> dict[str, list[Path]]:
    """Table -> its file of each built day, in the order of days. `database`: of the warehouse."""
    place = f"{database}.built" if database else "built"
    days = connection.execute(
        f"SELECT usage_date, day_hash FROM {place}.built_days ORDER BY usage_date"
    ).fetchall()
    return {table: [day_file(folder, table, *day) for day in days] for table in BY_DAY}
