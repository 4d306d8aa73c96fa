"""The warehouse's marts into one small file beside Parquet by day, swapped in at once.

Readers of the old file keep it; new readers see the new one; nobody sees half of it.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import duckdb

from orchestration.dbt.published_models import PublishedAs, PublishedModel
from orchestration.publishing.archive import ALL_KEPT, Archive, write_archived
from orchestration.publishing.comments import copy_comments
from orchestration.publishing.kept_months import NotOurs, keep_months, take_over, write_months
from orchestration.publishing.month_rows import MonthRows
from orchestration.publishing.origin import Origin, write_origin
from orchestration.publishing.parquet_views import find_parquet, quoted, text, view_on
from orchestration.running.working_folder import requests_folder
from orchestration.warehouse.built_days import day_files
from orchestration.warehouse.parquet_days import sweep

# What the published file is written for: DuckDB 1.4, the oldest that is still maintained, and later
# ones open it, whichever builds it.
STORAGE_VERSION: Final = "v1.4.0"


class PublishError(Exception):
    """What keeps the marts from being published; the old ones stay."""


@dataclass(frozen=True, slots=True)
class Published:
    """`days_written`: usage dates whose Parquet is new; `days_archived`: that no view has."""

    tables: int
    views: int
    days_written: int
    days_archived: int = 0


def publish(
    warehouse: Path,
    marts: Path,
    models: Sequence[PublishedModel],
    origin: Origin,
    config: Mapping[str, str] | None = None,
    archive: Archive = ALL_KEPT,
    is_as_left: Callable[[], bool] = lambda: False,
) -> Published:
    """Replaces `marts` by what `warehouse` holds now. `models`: parents before children.

    Views have no day of the archive: its files go there once no new reader asks for them.
    `is_as_left`: whether `marts` are as the last publish left them, asked once they are copied.
    """
    before = marts.stat().st_mtime_ns if marts.exists() else 0
    building = marts.with_name(f".{marts.stem}.building.duckdb")
    _remove(building)
    marts.parent.mkdir(parents=True, exist_ok=True)
    _move(partial(archive.give_back, requests_folder(marts)), archive)
    make = partial(_make, building, warehouse, marts, models, origin, config or {}, archive)
    try:
        try:
            begun = take_over(marts, building)
            files = make(begun=begun, as_left=begun and is_as_left())
        except (duckdb.Error, OSError, NotOurs):
            # marts that are not whole, or not as a publish leaves them
            _remove(building)
            files = make(begun=False, as_left=False)
        building.chmod(0o444)
        _swap(building, marts)
    finally:
        _remove(building)
    sweep(requests_folder(marts), files)
    _move(partial(archive.take, files), archive)
    tables = (PublishedAs.TABLE, PublishedAs.TABLE_BY_MONTH)
    views = sum(model.published_as not in tables for model in models)
    written = {file.parent.name for file in files if file.stat().st_mtime_ns > before}
    archived = {file.parent.name for file in files if archive.has(file)}
    return Published(len(models) - views, views, len(written), len(archived))


def _move(move: Callable[[], object], archive: Archive) -> None:
    try:
        move()
    except OSError as error:
        raise PublishError(
            f"{archive.folder}: day files cannot be moved to it or back ({error.strerror}): none"
            " is lost; mend that, or say another `archive`, and run again"
        ) from error


def _make(
    building: Path,
    warehouse: Path,
    marts: Path,
    models: Sequence[PublishedModel],
    origin: Origin,
    config: Mapping[str, str],
    archive: Archive,
    *,
    begun: bool,
    as_left: bool,
) -> set[Path]:
    """The file, whole; the day files that it names. `begun`: it is the last one, of which stays
    what can; `as_left`: as its publish left it.
    """
    with duckdb.connect(
        building, config={**config, "storage_compatibility_version": STORAGE_VERSION}
    ) as connection:
        _attach(connection, warehouse)
        rows = MonthRows(connection, as_left=as_left)
        if begun:
            by_month = [m.name for m in models if m.published_as is PublishedAs.TABLE_BY_MONTH]
            keep_months(connection, by_month, STORAGE_VERSION, rows)
        find_parquet(connection, marts)
        files = _fill(connection, marts, models, archive, rows)
        copy_comments(connection)
        write_origin(connection, origin)
        write_archived(connection, archive, files)
        rows.write()
        connection.execute("DETACH warehouse")
        connection.execute("CHECKPOINT")
    return files


def _attach(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    connection.execute("SET TimeZone = 'UTC'")
    try:
        connection.execute(f"ATTACH {text(warehouse)} AS warehouse (READ_ONLY)")
    except duckdb.Error as error:
        raise PublishError(f"{warehouse}: cannot be read: {error}") from error


def _fill(
    connection: duckdb.DuckDBPyConnection,
    marts: Path,
    models: Sequence[PublishedModel],
    archive: Archive,
    rows: MonthRows,
) -> set[Path]:
    """The day files of the warehouse, of which the marts name from here on those not archived."""
    with_days = {model.name for model in models if model.published_as is PublishedAs.PARQUET_BY_DAY}
    days = day_files(connection, requests_folder(marts), "warehouse") if with_days else {}
    for model in models:
        name = f"main.{quoted(model.name)}"
        match model.published_as:
            case PublishedAs.TABLE:
                connection.execute(f"CREATE TABLE {name} AS SELECT * FROM warehouse.{name}")
            case PublishedAs.TABLE_BY_MONTH:
                write_months(connection, model.name, rows)
            case PublishedAs.PARQUET_BY_DAY:
                kept = [file for file in days[model.name] if not archive.has(file)]
                _create_day_view(connection, name, marts, kept)
            case PublishedAs.VIEW:
                _create_view(connection, name, model.sql)
    return {file for name in with_days for file in days[name]}


def _create_day_view(
    connection: duckdb.DuckDBPyConnection, name: str, marts: Path, files: Sequence[Path]
) -> None:
    if not files:
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM warehouse.{name} LIMIT 0")
        return
    if lost := [file for file in files if not file.is_file()]:
        raise PublishError(f"{lost[0]}: is gone since it was built: `tollbook run` makes it anew")
    connection.execute(f"CREATE VIEW {name} AS {view_on(marts, files)}")


def _create_view(connection: duckdb.DuckDBPyConnection, name: str, sql: str) -> None:
    try:
        connection.execute(f"CREATE VIEW {name} AS {sql}")
    except duckdb.Error as error:
        raise PublishError(
            f"view {name} cannot be published, it may name only published models: {error}"
        ) from error


def _swap(building: Path, marts: Path) -> None:
    _sync(building)
    # whoever opened the old file read-write may have left this, and no new file would open
    _wal(marts).unlink(missing_ok=True)
    building.replace(marts)
    _wal(marts).unlink(missing_ok=True)
    _sync(marts.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _wal(database: Path) -> Path:
    return database.with_name(f"{database.name}.wal")


def _remove(database: Path) -> None:
    database.unlink(missing_ok=True)
    _wal(database).unlink(missing_ok=True)
