"""Who sells a model, by the price book: for who asks what it would cost there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

import duckdb

from ingestion.prices.model_names import canonical_model
from ingestion.workspace.settings import WorkspaceError

PROVIDERS: Final = "SELECT DISTINCT provider FROM main.dim_prices ORDER BY 1"
SOLD: Final = (
    "SELECT DISTINCT model, provider FROM main.dim_prices WHERE lower(model) = ? ORDER BY 1, 2"
)


@dataclass(frozen=True, slots=True)
class Sellers:
    """`model` as the book spells it, None: each its own. `own`: providers of the requests that have
    it; `other`: whose it is where they have not."""

    model: str | None
    own: Sequence[str]
    other: str | None = None


def sellers_of(
    connection: duckdb.DuckDBPyConnection,
    model: str | None,
    provider: str | None,
    providers: Collection[str],
) -> Sellers:
    """Of requests of `providers`. A name nobody sells, or several and nobody said which, is a
    WorkspaceError that names them."""
    if provider is not None:
        _known(connection, provider)
    if model is None:
        return Sellers(None, list(providers))
    first = list(providers) if provider is None else [provider]
    name, sold_by = _named(connection, model, first)
    if provider is not None:
        if provider not in sold_by:
            sellers = ", ".join(sorted(sold_by))
            raise WorkspaceError(f"{name} is not sold by {provider}: it is by {sellers}")
        return Sellers(name, [])
    own = [each for each in providers if each in sold_by]
    others = sorted(sold_by - set(own))
    if len(own) == len(providers):
        return Sellers(name, own)
    if not own and len(others) == 1:
        return Sellers(name, own, others[0])
    lacking = ", ".join(sorted(set(providers) - sold_by))
    raise WorkspaceError(
        f"{name} is not sold by {lacking}: say by whom, --provider {' or '.join(sorted(sold_by))}"
    )


def _known(connection: duckdb.DuckDBPyConnection, provider: str) -> None:
    names = _column(connection, PROVIDERS)
    if provider not in names:
        raise WorkspaceError(
            f"{provider}: the price book has no such provider: {_meant(provider, names)}"
        )


def _named(
    connection: duckdb.DuckDBPyConnection, model: str, providers: Sequence[str]
) -> tuple[str, set[str]]:
    """The model's name in the book, and whose it is; `providers` go first."""
    everywhere = [*providers, *_column(connection, PROVIDERS)]
    for name in (model, *(canonical_model(model, each) for each in everywhere)):
        rows = connection.execute(SOLD, [name.strip().lower()]).fetchall()
        if rows:
            return rows[0][0], {seller for spelled, seller in rows if spelled == rows[0][0]}
    names = _column(connection, "SELECT DISTINCT model FROM main.dim_prices")
    raise WorkspaceError(
        f"{model}: the price book has no such model: {_meant(model, names)};"
        " prices.csv may price it"
    )


def _column(connection: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    return [value for (value,) in connection.execute(sql).fetchall()]


def _meant(name: str, names: Sequence[str]) -> str:
    close = get_close_matches(name.lower(), sorted(names), n=3)
    return f"did you mean {' or '.join(close)}?" if close else f"it has {len(names)} others"
