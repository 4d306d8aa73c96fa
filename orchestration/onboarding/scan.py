"""Every credential, deployment, team and customer that logs and bills name, with its dollars.

Reads all sources into a scratch landing, so that it needs no earlier run and leaves no trace.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

import duckdb

from ingestion.landing.landing import open_landing
from ingestion.landing.loading import load_bill, load_gateway, warn_of_gone
from ingestion.records import SourceError
from ingestion.workspace.settings import Bill, Workspace
from orchestration.checks.bill_reports import STANDING_CHARGES
from orchestration.running.source_states import no_objects, read_states, sources_of
from orchestration.warehouse.landing_schema import replace_landing, sources_table

# A gateway's dollars are its own claim, a bill's are billed. What has two spellings (a key's
# alias and id) needs only one of them in a CSV.
NAMES_SEEN: Final = f"""
    SELECT
        'credential' AS kind, source, gateway_key_alias AS name, gateway_key_id AS other,
        count(*) AS requests, sum(gateway_cost) AS cost, '' AS currency
    FROM landing.requests GROUP BY ALL
    UNION ALL
    SELECT
        'deployment', source, deployment_id, NULL, count(*), sum(gateway_cost), ''
    FROM landing.requests GROUP BY ALL
    UNION ALL
    SELECT
        'team', source, gateway_team_alias, gateway_team, count(*),
        sum(gateway_cost), ''
    FROM landing.requests GROUP BY ALL
    UNION ALL
    SELECT 'customer', '', customer_id, NULL, count(*), sum(gateway_cost), ''
    FROM landing.requests GROUP BY ALL
    UNION ALL
    SELECT
        'credential', source, credential_id, sub_account_id, 0,
        sum(billed_cost_in_billing_currency), billing_currency
    FROM ({STANDING_CHARGES}) AS charges GROUP BY ALL
"""


@dataclass(frozen=True, slots=True)
class SeenName:
    """`cost`: what a bill charged in `currency`; what a gateway (requests > 0) claims, or None."""

    kind: str
    source: str
    names: tuple[str, ...]
    requests: int
    cost: Decimal | None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """A database with schema `landing` of all sources, and why any of them could not be read.

    `folder` is temporary, the landing in it and room for more.
    """

    folder: Path
    landing: str
    connection: duckdb.DuckDBPyConnection
    unreadable: dict[str, str]
    warnings: list[str]


@contextmanager
def scanned(workspace: Workspace) -> Iterator[Scan]:
    unreadable: dict[str, str] = {}
    warnings: list[str] = []
    with tempfile.TemporaryDirectory(prefix="tollbook-scan-") as name:
        folder = Path(name)
        landing = open_landing(str(folder / "landing"))
        for source in sources_of(workspace):
            try:
                if isinstance(source, Bill):
                    load_bill(source, landing)
                    continue
                result = load_gateway(source, landing)
                warnings += result.warnings if result.objects_seen else [no_objects(source)]
                warnings += warn_of_gone(source, open_landing(workspace.landing))
            except SourceError as error:
                unreadable[source.name] = " ".join(str(error).split())
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            files = landing.local_files(folder / "verified")
            tables = {
                "objects": landing.objects_table(),
                "sources": sources_table(
                    workspace, read_states(workspace), files.get("bill_buckets", ())
                ),
            }
            replace_landing(connection, files, tables)
            yield Scan(folder, landing.storage.location, connection, unreadable, warnings)


def names_seen(connection: duckdb.DuckDBPyConnection) -> list[SeenName]:
    """In a fixed order: kind, source, dearest first."""
    rows = connection.execute(
        f"SELECT * FROM ({NAMES_SEEN}) WHERE name IS NOT NULL OR other IS NOT NULL"
        " ORDER BY kind, source, coalesce(cost, 0) DESC, requests DESC, name, other"
    ).fetchall()
    return [
        SeenName(kind, source, tuple(name for name in names if name), requests, cost, currency)
        for kind, source, *names, requests, cost, currency in rows
    ]
