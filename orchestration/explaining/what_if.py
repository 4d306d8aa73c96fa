"""What requests of a month would cost at another model, tier or provider, at its price as of then.

Repriced at what it is, a request costs what it did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

import duckdb

from ingestion.workspace.settings import WorkspaceError
from orchestration.explaining.repriced import PARTS, REPRICED
from orchestration.explaining.sold import Sellers, sellers_of

COLUMNS: Final = (
    *("provider", "model", "service_tier", "then_provider", "then_model", "then_service_tier"),
    *("requests", "requests_unpriced", "now", "then", "difference", "unpriced"),
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests would go; None: where they are. `scale`: so many times as many requests."""

    model: str | None = None
    provider: str | None = None
    service_tier: str | None = None
    scale: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Slice:
    """Which requests of a UTC month: of an owner, and of a model or a provider."""

    month: date
    owner: Mapping[str, str] = field(default_factory=dict)
    model: str | None = None
    provider: str | None = None


def what_if(
    connection: duckdb.DuckDBPyConnection, of: Slice, target: Target
) -> Sequence[tuple[Any, ...]]:
    """Rows of COLUMNS, one a model and tier as it is. No request is a WorkspaceError."""
    told = {**of.owner, "model": of.model, "provider": of.provider}
    wanted = {name: value for name, value in told.items() if value is not None}
    where = "".join(f" AND {name} = ?" for name in wanted)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE slice AS SELECT request_key, usage_date, provider"
        " FROM main.fct_requests WHERE usage_date >= ? AND usage_date < ? + INTERVAL 1 MONTH"
        f" AND is_tool_call IS NOT TRUE{where}",
        [of.month, of.month, *wanted.values()],
    )
    providers = [
        name
        for (name,) in connection.execute(
            "SELECT DISTINCT provider FROM slice ORDER BY 1"
        ).fetchall()
    ]
    if not providers:
        asked = ", ".join(f"{name} {value}" for name, value in wanted.items())
        raise WorkspaceError(
            f"{of.month:%Y-%m}{f', {asked}' if asked else ''}: no requests: `tollbook explain"
            f" --month {of.month:%Y-%m}` says what there is"
        )
    sellers = sellers_of(connection, target.model, target.provider, providers)
    return _repriced(connection, of.month, target, sellers)


def _repriced(
    connection: duckdb.DuckDBPyConnection, month: date, target: Target, sellers: Sellers
) -> Sequence[tuple[Any, ...]]:
    return connection.execute(
        REPRICED,
        {
            "month": month,
            "to_provider": target.provider,
            "sellers": sellers.own,
            "else_provider": sellers.other,
            "to_model": sellers.model,
            "to_tier": target.service_tier,
            "parts": int(target.scale * PARTS),
        },
    ).fetchall()
