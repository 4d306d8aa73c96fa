"""Immutable Parquet, one file per table, usage date and content:
`<marts>.requests/<table>/<usage_date>/<day_hash>.parquet`.
"""

import json
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.storage.verified_files import VerifiedFiles

# Readers of earlier marts may still have the files open by name.
KEPT: Final = timedelta(days=1)
UNREFERENCED: Final = "unreferenced.json"
# The hash of each file as it was written: one that was changed since is written again.
VERIFIED: Final = "verified.json"


def day_file(folder: Path, table: str, day: date, day_hash: str) -> Path:
    return folder / f"{table}/{day.isoformat()}/{day_hash}.parquet"


def put_file(written: Path, file: Path) -> None:
    """Gives a whole file its name; what is there after a power cut is whole, too."""
    file.parent.mkdir(parents=True, exist_ok=True)
    _sync(written)
    written.replace(file)
    _sync(file.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def record_files(folder: Path, files: Iterable[Path]) -> None:
    """Notes these as they were written."""
    verified = VerifiedFiles(folder, folder / VERIFIED)
    for file in files:
        verified.record(_name(folder, file))
    verified.save()


def lost_files(folder: Path, files: Iterable[Path], *, note: bool = True) -> list[Path]:
    """Those that are not as they were written, or that nothing says of how they were.

    Without `note` files that were moved are compared again the next time.
    """
    verified = VerifiedFiles(folder, folder / VERIFIED)
    lost = [file for file in files if _is_lost(verified, _name(folder, file))]
    # it would be noted of what is lost how it was found
    if note and not lost:
        verified.save()
    return lost


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


def file_list(files: Iterable[Path]) -> str:
    """A SQL list of absolute paths."""
    return "[" + ", ".join("'" + str(file).replace("'", "''") + "'" for file in files) + "]"


def sweep(folder: Path, kept: set[Path], now: datetime | None = None) -> list[Path]:
    """Removes files that have not been `kept` for a day; the ones removed."""
    now = now or datetime.now(UTC)
    if not folder.is_dir():
        return []
    since = _read_since(folder)
    known = {str(file) for file in kept}
    unreferenced = {
        name: since.get(name, now)
        for name in sorted(
            _name(folder, file.path) for file in files_below(folder) if file.path not in known
        )
        if name not in (UNREFERENCED, VERIFIED)
    }
    gone = [name for name, first in unreferenced.items() if now - first >= KEPT]
    for name in gone:
        _remove(folder / name)
        _remove_empty(folder, (folder / name).parent)
    _write_since(folder, {n: first for n, first in unreferenced.items() if n not in gone})
    return [folder / name for name in gone]


def files_below(folder: Path | str) -> Iterator[os.DirEntry[str]]:
    """All files and links to whatever, without a `Path` of each: of a year they are many."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from files_below(entry.path)
            else:
                yield entry


def _remove(file: Path) -> None:
    """Of a file that was archived the link, and what it leads to."""
    if file.is_symlink() and (archived := file.resolve()).parts[-3:] == file.parts[-3:]:
        archived.unlink(missing_ok=True)
    file.unlink(missing_ok=True)


def _name(folder: Path, file: Path | str) -> str:
    return str(file).removeprefix(f"{folder}/")


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
