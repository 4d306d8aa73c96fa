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
from orchestration.running.working_folder import requests_folder

# Errors that are the file's, not those of a question.
FILE_ERRORS: Final = (
    duckdb.IOException,
    duckdb.SerializationException,
    duckdb.InternalException,
    duckdb.FatalException,
)
PARQUET: Final = re.compile(r"read_parquet\(.*?'((?:[^']|'')+)'", re.DOTALL)


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
        _lock(connection, requests_folder(marts))
        try:
            yield connection
        except (*FILE_ERRORS, duckdb.CatalogException, duckdb.PermissionException) as error:
            raise WorkspaceError(_what_is_wrong(connection, marts, error)) from error


def _connect(marts: Path, folder: Path) -> duckdb.DuckDBPyConnection:
    # what does not fit into memory is spilt beside the file, where nothing may be left
    settings: dict[str, Any] = {"temp_directory": str(folder / "spilt")}
    file = marts
    try:
        try:
            connection = duckdb.connect(marts, read_only=True, config=settings)
        except duckdb.Error:
            # held read-write, or a stray .wal that does not belong to this file
            file = _copy(marts, folder)
            connection = duckdb.connect(file, read_only=True, config=settings)
        home, here = _published_in(connection), requests_folder(marts)
        if home is None or home == here or not here.is_dir():
            return connection
        connection.close()
        file = _copy(marts, folder) if file == marts else file
        _point_views(file, home, here, settings)
        return duckdb.connect(file, read_only=True, config=settings)
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


def _point_views(copy: Path, home: Path, here: Path, settings: dict[str, Any]) -> None:
    """Views of marts that came here with their Parquet read it here."""
    old, new = (str(folder).replace("'", "''") for folder in (home, here))
    with duckdb.connect(copy, config=settings) as connection:
        views = connection.execute("SELECT sql FROM duckdb_views() WHERE NOT internal").fetchall()
        for (sql,) in views:
            if f"'{old}/" in sql:
                moved = sql.replace(f"'{old}/", f"'{new}/")
                connection.execute(moved.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))


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
    home = _published_in(connection)
    if home is not None and home != requests_folder(marts):
        return f"{marts}: was published in {home.parent} and moved since: {anew} here"
    if isinstance(error, duckdb.PermissionException):
        return f"only the published marts can be queried ({first_line(error)})"
    return f"{marts}: cannot be read to its end ({first_line(error)}): {anew}"


def _published_in(connection: duckdb.DuckDBPyConnection) -> Path | None:
    """The folder of Parquet that the views name, each file as <folder>/<table>/<day>/<file>."""
    try:
        rows = connection.execute("SELECT sql FROM duckdb_views() WHERE NOT internal").fetchall()
    except duckdb.Error:
        return None
    for (sql,) in rows:
        if found := PARQUET.search(sql):
            return Path(found[1].replace("''", "'")).parents[2]
    return None


def first_line(error: duckdb.Error) -> str:
    """What DuckDB says, without the lines that point into the SQL."""
    text = str(error).split("\n\nLINE ")[0]
    return " ".join(text.split()).rstrip(".!")
