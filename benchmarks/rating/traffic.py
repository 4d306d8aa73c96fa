"""Seeded requests in the warehouse's own table: any number of them, drawn by DuckDB itself.

Rating them is not trivial: nine months over three price changes, long-context prices of four
models, batch from its first day on (and a few before it, without a price), cache reads, cache
writes of five minutes and an hour, web searches, and answers from the gateway's cache that nobody
bills.
"""

from dataclasses import dataclass
from typing import Final

import duckdb

FIRST_DAY: Final = "2026-03-01"
DAYS: Final = 264
BATCH_FROM: Final = "2026-10-14"


@dataclass(frozen=True, slots=True)
class Model:
    """A model that Tollbook, litellm and genai-prices know; `share` is its percent of requests."""

    provider: str
    name: str
    share: int
    caches_5m: bool = False
    caches_1h: bool = False


MODELS: Final = (
    Model("openai", "gpt-4o", 10),
    Model("openai", "gpt-4o-mini", 14),
    Model("openai", "gpt-4.1", 6),
    Model("openai", "gpt-4.1-mini", 6),
    Model("openai", "gpt-5", 6),
    Model("openai", "gpt-5-mini", 6),
    Model("openai", "gpt-5.4", 4),
    Model("openai", "gpt-5.6-sol", 5, caches_5m=True),
    Model("openai", "o3", 2),
    Model("openai", "o4-mini", 3),
    Model("anthropic", "claude-opus-4-5", 5, caches_5m=True, caches_1h=True),
    Model("anthropic", "claude-opus-4-6", 3, caches_5m=True, caches_1h=True),
    Model("anthropic", "claude-sonnet-4-5", 6, caches_5m=True, caches_1h=True),
    Model("anthropic", "claude-sonnet-4-6", 4, caches_5m=True, caches_1h=True),
    Model("anthropic", "claude-haiku-4-5", 6, caches_5m=True, caches_1h=True),
    Model("anthropic", "claude-haiku-5-5", 3, caches_5m=True, caches_1h=True),
    Model("google", "gemini-2.5-pro", 4),
    Model("google", "gemini-2.5-flash", 4),
    Model("google", "gemini-2.5-flash-lite", 3),
)

# A draw in [0, 1) of request i: the same on every machine, whatever the number of threads.
DRAW: Final = (
    "create or replace temp macro draw(i, what)"
    " as (hash({first} + i * 32 + what) >> 11)::double / 9007199254740992"
)
# Few tokens often, many seldom: `draw` spread evenly over `decades` powers of ten.
TOKENS: Final = (
    "create or replace temp macro tokens(least_power, decades, draw)"
    " as cast(pow(10, least_power + decades * draw) as bigint)"
)
DRAWN: Final = f"""
numbered as (
    select
        range as i,
        timestamp '{FIRST_DAY}'
        + to_microseconds(cast((range + draw(range, 0)) / $count * {DAYS * 86_400} * 1e6 as bigint))
            as started_at
    from range($count)
),

chosen as (
    select numbered.*, mix.provider, mix.model, mix.caches_5m, mix.caches_1h
    from numbered
    inner join mix on mix.slot = cast(floor(draw(numbered.i, 1) * 100) as integer)
),

drawn as (
    select
        *,
        tokens(1.5, 2.8, draw(i, 2))
        + case when draw(i, 3) < 0.02 then cast(90000 + 400000 * draw(i, 4) as bigint) else 0 end
            as input,
        case when draw(i, 5) < 0.45 then tokens(2, 2.5, draw(i, 6)) end
            as cache_read,
        case when caches_5m and draw(i, 7) < 0.25 then tokens(2, 2.3, draw(i, 8)) end
            as cache_write_5m,
        case when caches_1h and draw(i, 9) < 0.08 then tokens(2, 2.3, draw(i, 10)) end
            as cache_write_1h,
        tokens(1, 2.3, draw(i, 11)) as output,
        case when provider = 'anthropic' and draw(i, 12) < 0.005 then 1 end as web_searches,
        case
            when draw(i, 13) < case when started_at >= date '{BATCH_FROM}' then 0.1 else 0.001 end
                then 'batch'
            else 'standard'
        end as service_tier,
        case when draw(i, 14) < 0.02 then 'gateway_exact' else 'none' end as cache_layer
    from chosen
)
"""
REQUESTS: Final = f"""
insert into intermediate.int_requests by name
with {DRAWN}
select
    'litellm:' || md5(cast(i as varchar)) as request_key,
    started_at,
    started_at as used_at,
    cast(started_at as date) as usage_date,
    md5(cast(cast(started_at as date) as varchar)) as day_hash,
    md5(concat_ws('|', date_trunc('hour', started_at), provider, model, service_tier,
        cast(floor(draw(i, 15) * 10) as integer))) as cell_id,
    provider,
    model,
    service_tier,
    '*' as price_region,
    'org-' || provider as billing_account,
    cache_layer,
    'success' as status,
    input as input_quantity,
    cache_read as cache_read_quantity,
    cache_write_5m as cache_write_5m_quantity,
    cache_write_1h as cache_write_1h_quantity,
    output as output_quantity,
    web_searches as web_searches_quantity,
    input + coalesce(cache_read, 0) + coalesce(cache_write_5m, 0) + coalesce(cache_write_1h, 0)
        as context_quantity
from drawn
"""


def write_requests(connection: duckdb.DuckDBPyConnection, count: int, seed: int) -> None:
    """Fills `int_requests` and `int_day_inputs` of the database in use, day after day."""
    connection.execute(DRAW.format(first=seed * 1_000_000_007))
    connection.execute(TOKENS)
    connection.execute(
        "create temp table mix"
        " (slot integer, provider text, model text, caches_5m boolean, caches_1h boolean)"
    )
    slots = [model for model in MODELS for _ in range(model.share)]
    connection.executemany(
        "insert into mix values (?, ?, ?, ?, ?)",
        [
            (slot, model.provider, model.name, model.caches_5m, model.caches_1h)
            for slot, model in enumerate(slots)
        ],
    )
    connection.execute(REQUESTS, {"count": count})
    connection.execute(
        "insert into intermediate.int_day_inputs by name"
        " select usage_date, min(day_hash) as day_hash"
        " from intermediate.int_requests group by usage_date"
    )
