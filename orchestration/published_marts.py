"""Opens the published marts to read, whatever else has the file open."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingestion.workspace import WorkspaceError


@contextmanager
def open_marts(marts: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection; on a private copy where somebody holds the file read-write."""
    if not marts.is_file():
        raise WorkspaceError(f"{marts}: no marts are published yet: run `tollbook run` first")
    with (
        tempfile.TemporaryDirectory(prefix="tollbook-") as folder,
        _connect(marts, Path(folder)) as connection,
    ):
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def _connect(marts: Path, folder: Path) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(marts, read_only=True)
    except duckdb.Error:
        # held read-write, or a stray .wal that does not belong to this file
        copy = folder / "marts.duckdb"
        shutil.copyfile(marts, copy)
        try:
            return duckdb.connect(copy, read_only=True)
        except duckdb.Error as error:
            raise WorkspaceError(
                f"{marts}: is not a readable DuckDB file ({error}): `tollbook run` writes it anew"
            ) from error
