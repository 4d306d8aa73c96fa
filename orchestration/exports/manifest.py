"""manifest.json of a month: what each file holds, and what stands behind its numbers."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Protocol

import duckdb

from orchestration.checks.month_completeness import losses, money_text
from orchestration.publishing.origin import Origin

MANIFEST: Final = "manifest.json"


class Described(Protocol):
    """A file of rows."""

    @property
    def row_count(self) -> int: ...

    @property
    def totals(self) -> Mapping[str, str]: ...


def manifest_said(
    connection: duckdb.DuckDBPyConnection,
    origin: Origin,
    month: date,
    files: Mapping[str, bytes],
    tables: Mapping[str, Described],
) -> dict[str, Any]:
    """`tables`: those of the files that are one."""
    currency = currency_of(connection)
    return {
        "company": origin.company,
        "month": f"{month:%Y-%m}",
        "currency": currency,
        "chargeback_basis": origin.chargeback_basis,
        "files": {name: _described(tables.get(name), data) for name, data in files.items()},
        "accepted_losses": [
            {
                "gateway": loss.gateway,
                "what": loss.what,
                "uncovered_cost": money_text(loss.uncovered, currency or ""),
            }
            for loss in losses(connection, accepted=True).get(month, [])
        ],
        "failed_sources": dict(origin.failed_sources),
    }


def currency_of(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Of all months; None where the marts have no chargeback."""
    [row] = connection.execute("SELECT min(currency) FROM main.mart_chargeback_monthly").fetchall()
    return None if row[0] is None else str(row[0])


def _described(table: Described | None, data: bytes) -> Mapping[str, Any]:
    digest = {"sha256": hashlib.sha256(data).hexdigest()}
    if table is None:
        return digest
    return {"rows": table.row_count, **digest, "totals": dict(table.totals)}


def manifest_bytes(said: Mapping[str, Any]) -> bytes:
    return (json.dumps(said, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
