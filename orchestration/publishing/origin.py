"""What the marts were made of, inside their file: `published.origin`, one row.

Exports take it from there, not from today's workspace: the same marts give the same bytes.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from ingestion.workspace.sections.locales import DEFAULT as DEFAULT_LOCALE
from ingestion.workspace.settings import Workspace, WorkspaceError
from orchestration.running.source_states import failed_sources


@dataclass(frozen=True, slots=True)
class Origin:
    """`failed_sources`: name -> why, without the paths of this machine, of sources that could not
    be read and bills that do not count in whole. `left_out`: what was read and does not count.
    `accounts`: the lines of accounts.csv, as a list in JSON. `locale`: of the pages.
    """

    company: str
    chargeback_basis: str
    failed_sources: Mapping[str, str] = field(default_factory=dict)
    left_out: Sequence[str] = ()
    accounts: str = "[]"
    locale: str = DEFAULT_LOCALE


def origin_of(
    workspace: Workspace,
    bills: Mapping[str, str] | None = None,
    invoices: Sequence[str] = (),
    accounts: str = "[]",
) -> Origin:
    """What a publish of now writes down; `bills` (with why) and `invoices` do not count."""
    home = str(workspace.file.parent)
    failed = failed_sources(workspace)
    # of a bill that could not be read, that is told
    refused = {name: why for name, why in (bills or {}).items() if name not in failed}
    reasons = {name: _relative(why, home) for name, why in failed.items()} | refused
    told = [f"source {name}: {why}" for name, why in sorted(refused.items())]
    left_out = [*told, *invoices]
    return Origin(
        workspace.company,
        workspace.chargeback_basis,
        reasons,
        left_out,
        accounts,
        workspace.locale,
    )


def landed_accounts(warehouse: duckdb.DuckDBPyConnection) -> str:
    """accounts.csv as the warehouse was built with it."""
    columns = ("scope", "scope_id", "gl_account", "dimensions", "valid_from", "valid_to", "line")
    rows = warehouse.execute(
        f"SELECT {', '.join(columns)} FROM landing.accounts ORDER BY line"
    ).fetchall()
    return json.dumps([dict(zip(columns, row, strict=True)) for row in rows], default=str)


def _relative(text: str, home: str) -> str:
    """Paths below the workspace's folder as the workspace writes them; the folder itself is `.`"""
    folder = rf"(?<![\w.-]){re.escape(home)}"
    return re.sub(rf"{folder}(?![\w.-])", ".", re.sub(rf"{folder}/", "", text))


def write_origin(connection: duckdb.DuckDBPyConnection, origin: Origin) -> None:
    connection.execute("CREATE SCHEMA published")
    names = sorted(origin.failed_sources)
    connection.execute(
        "CREATE TABLE published.origin AS SELECT ?::VARCHAR AS company,"
        " ?::VARCHAR AS chargeback_basis, map(?::VARCHAR[], ?::VARCHAR[]) AS failed_sources,"
        " ?::VARCHAR[] AS left_out, ?::VARCHAR AS accounts, ?::VARCHAR AS locale",
        [
            origin.company,
            origin.chargeback_basis,
            names,
            [origin.failed_sources[name] for name in names],
            list(origin.left_out),
            origin.accounts,
            origin.locale,
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


def published_tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Of open marts: those of an earlier release have fewer."""
    found = connection.execute(
        "SELECT table_name FROM information_schema.tables"
        " WHERE table_schema = 'main' AND table_catalog = current_database()"
    ).fetchall()
    return {name for (name,) in found}
