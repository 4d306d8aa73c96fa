"""What the marts were made of, inside their file: `published.origin`, one row.

Exports take it from there, not from today's workspace: the same marts give the same bytes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from ingestion.workspace.settings import Workspace, WorkspaceError
from orchestration.running.source_states import failed_sources


@dataclass(frozen=True, slots=True)
class Origin:
    """`failed_sources`: name -> why, without the paths of this machine."""

    company: str
    chargeback_basis: str
    failed_sources: Mapping[str, str] = field(default_factory=dict)


def origin_of(workspace: Workspace) -> Origin:
    """What a publish of now writes down."""
    home = str(workspace.file.parent)
    reasons = {name: _relative(why, home) for name, why in failed_sources(workspace).items()}
    return Origin(workspace.company, workspace.chargeback_basis, reasons)


def _relative(text: str, home: str) -> str:
    """Paths below the workspace's folder as the workspace writes them; the folder itself is `.`"""
    folder = rf"(?<![\w.-]){re.escape(home)}"
    return re.sub(rf"{folder}(?![\w.-])", ".", re.sub(rf"{folder}/", "", text))


def write_origin(connection: duckdb.DuckDBPyConnection, origin: Origin) -> None:
    connection.execute("CREATE SCHEMA published")
    names = sorted(origin.failed_sources)
    connection.execute(
        "CREATE TABLE published.origin AS SELECT ?::VARCHAR AS company,"
        " ?::VARCHAR AS chargeback_basis, map(?::VARCHAR[], ?::VARCHAR[]) AS failed_sources",
        [
            origin.company,
            origin.chargeback_basis,
            names,
            [origin.failed_sources[name] for name in names],
        ],
    )


def read_origin(connection: duckdb.DuckDBPyConnection) -> Origin:
    """Of open marts; raises WorkspaceError for marts that an earlier release published."""
    try:
        [row] = connection.execute("SELECT * FROM published.origin").fetchall()
    except duckdb.CatalogException as error:
        raise WorkspaceError(
            "the marts do not say what they were made of: `tollbook run` publishes them anew"
        ) from error
    return Origin(*row)
