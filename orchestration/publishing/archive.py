"""Day files of requests of closed months that are older than a workspace keeps, in its archive:
`<archive>/<table>/<usage_date>/<day_hash>.parquet`.

A file moves in two steps, each whole: it gets its place in the archive, then a link to that takes
its name. So a run finds every day by the name it had, and a month whose bill changes late is built
of its requests; the views of the marts name no archived day.
"""

import os
import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import duckdb

from orchestration.warehouse.parquet_days import files_below, put_file

ARCHIVED: Final = """
    SELECT table_name, usage_date, file FROM published.archived_days ORDER BY usage_date, table_name
"""


@dataclass(frozen=True, slots=True)
class Archive:
    """`months`: the first days of those whose day files lie in `folder`."""

    folder: Path
    months: frozenset[date]

    def has(self, file: Path) -> bool:
        """Whether a day file belongs there."""
        if not self.months:
            return False
        try:
            return date.fromisoformat(file.parent.name).replace(day=1) in self.months
        except ValueError:
            return False

    def place(self, file: Path) -> Path:
        return self.folder.joinpath(*file.parts[-3:])

    def take(self, files: Iterable[Path]) -> None:
        """Moves here what belongs here; what a run that was killed left to do is done."""
        for file in sorted(file for file in files if self.has(file)):
            _move_out(file, self.place(file))

    def give_back(self, requests: Path) -> None:
        """Moves back into the folder of day files what does not belong here any more."""
        if not requests.is_dir():
            return
        is_there = self.folder.is_dir()
        # what is no link and lies in no archive is where it belongs
        found = [each.path for each in files_below(requests) if is_there or each.is_symlink()]
        for file in sorted(Path(each) for each in found if each.endswith(".parquet")):
            # a link to nothing is of a day that was built again since
            if file.exists() and not self.has(file):
                _move_back(file, self.place(file))


ALL_KEPT: Final = Archive(Path(os.devnull), frozenset())


def write_archived(
    connection: duckdb.DuckDBPyConnection, archive: Archive, files: Collection[Path]
) -> None:
    """Which days the marts have no requests of, inside their file."""
    connection.execute(
        "CREATE TABLE published.archived_days (table_name VARCHAR, usage_date DATE, file VARCHAR)"
    )
    for file in sorted(file for file in files if archive.has(file)):
        table, day, name = file.parts[-3:]
        connection.execute(
            "INSERT INTO published.archived_days VALUES (?, ?, ?)", [table, day, name]
        )


def archived_days(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, date, str]]:
    """Table, day and file name, of open marts; none in those of an earlier release."""
    try:
        return connection.execute(ARCHIVED).fetchall()
    except duckdb.CatalogException:
        return []


def _move_out(file: Path, place: Path) -> None:
    held = file.resolve()
    if held == place:
        return
    if not (place.exists() and place.samefile(held)):
        place.parent.mkdir(parents=True, exist_ok=True)
        put_file(_copied(held, place), place)
    link = _beside(file)
    link.unlink(missing_ok=True)
    link.symlink_to(_way(file.parent.resolve(), place))
    link.replace(file)
    if held != file:
        # it lay in another archive
        _remove(held)


def _move_back(file: Path, place: Path) -> None:
    if file.is_symlink():
        held = file.resolve()
        put_file(_copied(held, file), file)
        _remove(held)
    elif place.exists():
        # a run was killed after it was back
        _remove(place)


def _copied(held: Path, place: Path) -> Path:
    """The bytes under a name that no reader asks for, in the folder of `place`."""
    temporary = _beside(place)
    temporary.unlink(missing_ok=True)
    try:
        temporary.hardlink_to(held)
    except OSError:
        # on another disk
        shutil.copy(held, temporary)
    return temporary


def _beside(file: Path) -> Path:
    return file.with_name(f".{file.name}.tmp")


def _way(folder: Path, place: Path) -> str:
    """To an archive below the same folder as a relative path: a workspace may move with it."""
    home = folder.parents[2]
    return os.path.relpath(place, folder) if place.is_relative_to(home) else str(place)


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)
    for folder in file.parents[:2]:
        if any(folder.iterdir()):
            return
        folder.rmdir()
