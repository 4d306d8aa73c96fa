"""Opens the published marts to read, whatever else has the file open."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb

from ingestion.workspace.settings import WorkspaceError
from orchestration.publishing.parquet_views import find_parquet
from orchestration.running.working_folder import requests_folder

# Errors that are the file's, not those of a question.
FILE_ERRORS: Final = (
    duckdb.IOException,
    duckdb.SerializationException,
    duckdb.InternalException,
    duckdb.FatalException,
)
ABSOLUTE: Final = re.compile(r"read_parquet\(.*?'(/(?:[^']|'')+)'", re.DOTALL)


@contextmanager
def open_marts(marts: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection; on a private copy where somebody holds the file read-write.

    No file, network or variable but the marts and their Parquet can be reached, and no setting
    changed. Raises WorkspaceError for a file that is not whole, not Tollbook's or was moved.
    """
    if not marts.exists():
        raise WorkspaceError(f"{marts}: no marts are published yet: run `tollbook run` first")
    with (
        tempfile.TemporaryDirectory(prefix="tollbook-") as folder,
        _connect(marts, Path(folder)) as connection,
    ):
        connection.execute("SET TimeZone = 'UTC'")
        find_parquet(connection, marts)
        _lock(connection, requests_folder(marts))
        try:
            yield connection
        except (*FILE_ERRORS, duckdb.CatalogException, duckdb.PermissionException) as error:
            raise WorkspaceError(_what_is_wrong(connection, marts, error)) from error


def _connect(marts: Path, folder: Path) -> duckdb.DuckDBPyConnection:
    # what does not fit into memory is spilt beside the file, where nothing may be left
    settings: dict[str, Any] = {"temp_directory": str(folder / "spilt")}
    try:
        try:
            return duckdb.connect(marts, read_only=True, config=settings)
        except duckdb.Error:
            # held read-write, or a stray .wal that does not belong to this file
            return duckdb.connect(_copy(marts, folder), read_only=True, config=settings)
    except OSError as error:
        raise WorkspaceError(
            f"{marts}: cannot be read ({error.strerror}): give this user access to it, or"
            " remove it, and `tollbook run` writes it anew"
        ) from error
    except duckdb.Error as error:
        raise WorkspaceError(
            f"{marts}: is not a whole DuckDB file ({first_line(error)}): `tollbook run`"
            " writes it anew"
        ) from error


def _copy(marts: Path, folder: Path) -> Path:
    copy = folder / "marts.duckdb"
    shutil.copyfile(marts, copy)
    copy.chmod(0o600)
    return copy


def _lock(connection: duckdb.DuckDBPyConnection, parquet: Path) -> None:
    """Order matters: what is forbidden last can forbid nothing before."""
    folder = str(parquet).replace("'", "''")
    for setting in (
        "python_enable_replacements = false",
        "autoload_known_extensions = false",
        "autoinstall_known_extensions = false",
        f"allowed_directories = ['{folder}']",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")


def _what_is_wrong(connection: duckdb.DuckDBPyConnection, marts: Path, error: duckdb.Error) -> str:
    anew = "`tollbook run` writes it anew"
    if isinstance(error, duckdb.CatalogException):
        return f"{marts}: is not what this release publishes ({first_line(error)}): {anew}"
    home = _absolute_folder(connection)
    if home is not None and home != requests_folder(marts):
        return (
            f"{marts}: an earlier release published it in {home.parent} and cannot be moved:"
            f" {anew} here"
        )
    if isinstance(error, duckdb.PermissionException):
        return f"only the published marts can be queried ({first_line(error)})"
    return f"{marts}: cannot be read to its end ({first_line(error)}): {anew}"


def _absolute_folder(connection: duckdb.DuckDBPyConnection) -> Path | None:
    """Of marts before 0.3.0, whose views name Parquet as /<folder>/<table>/<day>/<file>."""
    try:
        rows = connection.execute("SELECT sql FROM duckdb_views() WHERE NOT internal").fetchall()
    except duckdb.Error:
        return None
    found = [match for (sql,) in rows if (match := ABSOLUTE.search(sql))]
    return Path(found[0][1].replace("''", "'")).parents[2] if found else None


def first_line(error: duckdb.Error) -> str:
    """What DuckDB says, without the lines that point into the SQL."""
    text = str(error).split("\n\nLINE ")[0]
    return " ".join(text.split()).rstrip(".!")
