"""Immutable Parquet, one file per table, usage date and content:
`<marts>.requests/<table>/<usage_date>/<day_hash>.parquet`.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.storage.verified_files import VerifiedFiles

# Readers of earlier marts may still have the files open by name.
KEPT: Final = timedelta(days=1)
UNREFERENCED: Final = "unreferenced.json"
# The hash of each file as it was written: one that was changed since is written again.
VERIFIED: Final = "verified.json"
# How many days are in the temporary table at once: 20 M requests a year are 55,000 a day.
DAYS_AT_ONCE: Final = 31


class DayError(Exception):
    """A model that cannot be written by day."""


@dataclass(frozen=True, slots=True)
class DayFiles:
    """All files of a table in the order of days, and the days written just now."""

    files: list[Path]
    written: list[date]


def write_days(connection: duckdb.DuckDBPyConnection, table: str, folder: Path) -> DayFiles:
    """Writes the days of `warehouse.main.<table>` whose file is not there, or was changed."""
    relation = f'warehouse.main."{table}"'
    _refuse_hugeint(connection, relation)
    days = {
        day: folder / table / day.isoformat() / f"{day_hash}.parquet"
        for day, day_hash in _hashes(connection, relation)
    }
    verified = VerifiedFiles(folder, folder / VERIFIED)
    missing = [day for day, file in days.items() if _is_lost(verified, _name(folder, file))]
    for start in range(0, len(missing), DAYS_AT_ONCE):
        part = missing[start : start + DAYS_AT_ONCE]
        wanted = ", ".join(f"DATE '{day}'" for day in part)
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE changed_days AS"
            f" SELECT * FROM {relation} WHERE usage_date IN ({wanted})"
        )
        for day in part:
            _write_day(connection, day, days[day])
            verified.record(_name(folder, days[day]))
    verified.save()
    connection.execute("DROP TABLE IF EXISTS temp.changed_days")
    return DayFiles(list(days.values()), missing)


def whole_files(folder: Path, files: Iterable[Path]) -> list[Path]:
    """Those that are there as they were written; where nothing says how, those that can be read."""
    verified = VerifiedFiles(folder, folder / VERIFIED)
    return [file for file in files if _is_whole(verified, folder, file)]


def _is_whole(verified: VerifiedFiles, folder: Path, file: Path) -> bool:
    name = _name(folder, file)
    if verified.recorded(name) is not None:
        return not _is_lost(verified, name)
    try:
        pq.read_metadata(file)
    except (OSError, pa.ArrowException):
        return False
    return True


def _is_lost(verified: VerifiedFiles, name: str) -> bool:
    recorded = verified.recorded(name)
    return recorded is None or bool(verified.differing({name: recorded}))


def _hashes(connection: duckdb.DuckDBPyConnection, relation: str) -> Iterator[tuple[date, str]]:
    rows = connection.execute(
        f"SELECT usage_date, min(day_hash), max(day_hash), count(*) = count(day_hash)"
        f" FROM {relation} GROUP BY usage_date ORDER BY usage_date"
    ).fetchall()
    for day, first, last, complete in rows:
        if day is None or first != last or not complete:
            raise DayError(f"{relation}: day {day} must have exactly one day_hash")
        yield day, first


def _refuse_hugeint(connection: duckdb.DuckDBPyConnection, relation: str) -> None:
    columns = connection.execute(f"DESCRIBE {relation}").fetchall()
    huge = [column[0] for column in columns if "HUGEINT" in column[1]]
    if huge:
        # DuckDB writes HUGEINT to Parquet as DOUBLE: 9007199254740993 becomes ...992
        raise DayError(f"{relation}: cast {', '.join(huge)} from HUGEINT before it is published")


def _write_day(connection: duckdb.DuckDBPyConnection, day: date, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.tmp")
    target = str(temporary).replace("'", "''")
    connection.execute(
        f"COPY (SELECT * FROM changed_days WHERE usage_date = DATE '{day}')"
        f" TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
    )
    with temporary.open("rb") as written:
        os.fsync(written.fileno())
    temporary.replace(file)


def file_list(files: Iterable[Path]) -> str:
    """A SQL list of absolute paths."""
    return "[" + ", ".join("'" + str(file).replace("'", "''") + "'" for file in files) + "]"


def sweep(folder: Path, kept: set[Path], now: datetime | None = None) -> list[Path]:
    """Removes files that have not been `kept` for a day; the ones removed."""
    now = now or datetime.now(UTC)
    if not folder.is_dir():
        return []
    since = _read_since(folder)
    unreferenced = {
        name: since.get(name, now)
        for name in sorted(_name(folder, file) for file in folder.rglob("*") if file.is_file())
        if name not in (UNREFERENCED, VERIFIED) and folder / name not in kept
    }
    gone = [name for name, first in unreferenced.items() if now - first >= KEPT]
    for name in gone:
        (folder / name).unlink(missing_ok=True)
        _remove_empty(folder, (folder / name).parent)
    _write_since(folder, {n: first for n, first in unreferenced.items() if n not in gone})
    return [folder / name for name in gone]


def _name(folder: Path, file: Path) -> str:
    return file.relative_to(folder).as_posix()


def _read_since(folder: Path) -> dict[str, datetime]:
    try:
        noted = json.loads((folder / UNREFERENCED).read_text(encoding="utf-8"))
        return {name: datetime.fromisoformat(since) for name, since in noted.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _write_since(folder: Path, since: dict[str, datetime]) -> None:
    temporary = folder / f".{UNREFERENCED}.tmp"
    noted = {name: first.isoformat() for name, first in since.items()}
    temporary.write_text(json.dumps(noted, indent=1, sort_keys=True), encoding="utf-8")
    temporary.replace(folder / UNREFERENCED)


def _remove_empty(top: Path, folder: Path) -> None:
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
