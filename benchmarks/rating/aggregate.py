"""List cost of all requests by provider, model and meter, without a row per request.

A price per million tokens with at most six decimals is a whole number of pico-units per token. Sums
of tokens under one such price may be multiplied once: nothing is rounded, neither before nor after.
Other prices, those with volume bands, and fees per request are refused: they need each request.
Requests are under one price where they agree in all that chooses it: provider, model, tier, the
period between two price changes, the band between two context limits. So the table is summed by
these in one scan, and what is left, some hundred rows, goes through the same compiled SQL that
prices single requests.
"""

from dataclasses import dataclass
from decimal import Decimal

import duckdb

from benchmarks.rating.warehouse import metered_sql
from tests.pipeline.compiled_project import CompiledProject

REQUESTS = '"warehouse"."intermediate"."int_requests"'
NAMED = (
    "concat(provider, '/', model) in (select concat(provider, '/', model) from landing.model_names)"
)
# What chooses a price, and whether a meter is billed at all (macros/requests/billable.sql).
KEYS = ("provider", "model", "service_tier", "price_region", "cache_layer")
CONTEXT = "context_quantity"
SAME = (*KEYS, "image_output_quantity > 0")


@dataclass(frozen=True, slots=True)
class Total:
    """`pico` of list cost is None where some of the quantity has no price."""

    quantity: int
    pico: Decimal | None


Totals = dict[tuple[str, str], Total]  # by "provider/model" and meter


class SinglePriceError(ValueError):
    """Prices that a sum of tokens does not have: rows alone are exact."""


def aggregate(connection: duckdb.DuckDBPyConnection, project: CompiledProject) -> Totals:
    """All requests of the warehouse in use. Raises SinglePriceError."""
    rows = connection.execute(aggregate_sql(connection, project)).fetchall()
    return {(name, meter): Total(int(quantity), pico) for name, meter, quantity, pico in rows}


def aggregate_sql(connection: duckdb.DuckDBPyConnection, project: CompiledProject) -> str:
    """One scan of the requests, then the compiled pricing of its groups."""
    changes, limits = _boundaries(connection)
    same = [
        *SAME,
        _ordinal("started_at", ">=", [f"timestamp '{change}'" for change in changes]),
        _ordinal(CONTEXT, ">", limits),
    ]
    sums = [f"cast(sum({meter}) as bigint) as {meter}" for meter in _meters(connection)]
    priced = metered_sql(project)
    if REQUESTS not in priced:
        raise LookupError(f"{REQUESTS} is not what the compiled SQL reads: adapt aggregate.py")
    return f"""
        with condensed as materialized (
            select
                {", ".join(KEYS)},
                any_value(started_at) as started_at,
                any_value(context_quantity) as context_quantity,
                any_value(usage_date) as usage_date,
                concat(provider, '/', model) as cell_id,
                -- no price in use depends on these
                '' as request_key, '' as day_hash, '' as billing_account, '' as status,
                {", ".join(sums)}
            from {REQUESTS}
            group by {", ".join(same)}
        ),
        rated as ({priced.replace(REQUESTS, "condensed")})
        select cell_id, meter, sum(quantity),
            case when count(*) = count(list_cost_pico) then sum(list_cost_pico) end
        from rated group by cell_id, meter
    """


def _meters(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Columns with a billed quantity."""
    columns = connection.execute(f"describe {REQUESTS}").fetchall()
    return [name for name, *_ in columns if name.endswith("_quantity") and name != CONTEXT]


def _boundaries(connection: duckdb.DuckDBPyConnection) -> tuple[list[str], list[str]]:
    """Moments at which a price of a used model changes, and its context limits."""
    [(changes, limits, single)] = connection.execute(
        f"""
        with prices as (select * from intermediate.int_prices_dated where {NAMED})
        select
            list(distinct cast(valid_from as varchar)),
            list(distinct cast(context_above as varchar)) filter (context_above > 0),
            list(distinct price_id) filter (
                list_pico_per_million % 1000000 <> 0
                or volume_above > 0
                or volume_up_to is not null
                or meter = 'requests'
            )
        from prices
        """
    ).fetchall()
    if single:
        raise SinglePriceError(f"{single}: not one whole number of pico-units for each token")
    return sorted(changes), sorted(limits or [], key=int)


def _ordinal(column: str, comparison: str, boundaries: list[str]) -> str:
    """How many boundaries the column has reached."""
    reached = [f"cast({column} {comparison} {boundary} as tinyint)" for boundary in boundaries]
    return " + ".join(reached) or "0"


def totals_of_rows(connection: duckdb.DuckDBPyConnection) -> Totals:
    """The same totals from the rows that were written; a cell is of one model."""
    rows = connection.execute(
        """
        with cells as (
            select distinct cell_id, concat(provider, '/', model) as name
            from intermediate.int_requests
        )
        select name, meter, sum(quantity),
            case when count(*) = count(list_cost_pico) then sum(list_cost_pico) end
        from intermediate.int_request_meters inner join cells using (cell_id)
        group by name, meter
        """
    ).fetchall()
    return {(name, meter): Total(int(quantity), pico) for name, meter, quantity, pico in rows}
