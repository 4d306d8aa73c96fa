"""A sample of the rated requests, as a library that prices one call at a time needs them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import duckdb

TOKENS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "web_searches")


@dataclass(frozen=True, slots=True)
class Priced:
    """A request that its provider answered; `list_pico` is None without a price."""

    provider: str
    model: str
    service_tier: str
    started_at: datetime
    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    web_searches: int
    list_pico: Decimal | None

    @property
    def list_cost(self) -> Decimal | None:
        """Dollars."""
        return None if self.list_pico is None else self.list_pico.scaleb(-12)

    @property
    def total_input(self) -> int:
        return self.input + self.cache_read + self.cache_writes

    @property
    def cache_writes(self) -> int:
        return self.cache_write_5m + self.cache_write_1h


def sample(connection: duckdb.DuckDBPyConnection, count: int) -> list[Priced]:
    """`count` requests by the order of their keys' hashes, with what `int_request_meters` says."""
    quantities = ", ".join(f"coalesce({meter}_quantity, 0)" for meter in TOKENS)
    rows = connection.execute(
        f"""
        with chosen as (
            select * from intermediate.int_requests
            where cache_layer = 'none'
            order by hash(request_key) limit {count}
        ),
        costs as (
            select
                request_key,
                case when count(*) = count(list_cost_pico) then sum(list_cost_pico) end as pico
            from intermediate.int_request_meters
            where request_key in (select request_key from chosen)
            group by request_key
        )
        select provider, model, service_tier, started_at at time zone 'UTC', {quantities}, pico
        from chosen left join costs using (request_key)
        """
    ).fetchall()
    return [Priced(*row) for row in rows]
