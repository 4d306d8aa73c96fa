"""Hours of the last day, published and new together, beside the limits that the last run left.

New use is rated at the published list prices, as the last run knew models: bands of context and
volume, and owners, are a run's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

import duckdb
import pyarrow as pa

from ingestion.vocabulary import METERS
from ingestion.workspace.settings import Workspace

NAMES: Final = ("model_served", "model_mapped", "model_routed", "model_requested")
# As the rules of the marts have them: dbt_project/macros/marts/runaways.sql.
NEW_TIMES: Final = 4
UNITS: Final = 10_000_000
REQUESTS: Final = 1000
CACHED: Final = "coalesce(cache_layer, 'none') NOT IN ('none', 'provider_prefix')"


@dataclass(frozen=True, slots=True)
class OverHour:
    axis: str
    entity: str
    hour: datetime
    measure: str
    amount: Decimal
    usual: Decimal | None
    limit: Decimal
    key: str
    team: str | None
    unpriced_requests: int


def hours_over(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, landed: pa.Table
) -> list[OverHour]:
    """On a connection to the published marts."""
    if not landed.num_rows:
        return []
    connection.register("landed", landed)
    for name, sql in _steps(workspace):
        connection.execute(f"CREATE TEMP TABLE {name} AS {sql}")
    found = connection.execute(OVER).fetchall()
    return [OverHour(*row) for row in found]


def _steps(workspace: Workspace) -> Iterator[tuple[str, str]]:
    yield "fresh", FRESH
    yield "known_names", KNOWN_NAMES
    yield "named", _named()
    yield "rated", _rated()
    yield "hours", HOURS
    yield "limits", _limits(workspace.runaways.floor)


# What a run has published is not new, however often its log is delivered.
FRESH: Final = """
    SELECT * FROM (
        SELECT
            row_number() OVER () AS row_no,
            *,
            started_at AT TIME ZONE 'UTC' AS started,
            CASE WHEN lower(service_tier) = 'batch' THEN coalesce(ended_at, started_at)
                ELSE started_at END AT TIME ZONE 'UTC' AS used
        FROM landed
        QUALIFY row_number() OVER (
            PARTITION BY source, request_id, call_id, attempt_no, started_at,
                CASE WHEN request_id_made THEN record_no END
            ORDER BY batch DESC, object_no, record_no
        ) = 1
    ) AS each_once
    WHERE NOT EXISTS (
        SELECT 1 FROM main.fct_requests AS published
        WHERE published.usage_date >= (
                SELECT CAST(min(started_at AT TIME ZONE 'UTC') AS DATE) FROM landed)
            AND published.source = each_once.source
            AND published.request_id = each_once.request_id
            AND published.started_at = each_once.started
    )
"""
# What the names of a log were, a week before the newest.
KNOWN_NAMES: Final = f"""
    SELECT
        source, deployment_id, {", ".join(NAMES)},
        max_by(provider, started_at) AS provider,
        max_by(model, started_at) AS model,
        max_by(credential_id, started_at) AS credential_id
    FROM main.fct_requests
    WHERE usage_date > (SELECT CAST(max(used) AS DATE) - 7 FROM fresh)
    GROUP BY ALL
"""


def _named() -> str:
    same = " AND ".join(
        f"fresh.{name} IS NOT DISTINCT FROM known.{name}" for name in ("deployment_id", *NAMES)
    )
    spelled = f"coalesce({', '.join(f'fresh.{name}' for name in NAMES)})"
    return f"""
        SELECT
            fresh.*,
            coalesce(known.provider, fresh.provider, '__unknown__') AS of_provider,
            coalesce(known.model, models.model, lower(trim({spelled})), '__unknown__') AS of_model,
            coalesce(fresh.gateway_key_alias, fresh.gateway_key_id, known.credential_id,
                fresh.credential_hint, '__unknown__') AS key_name,
            CASE
                WHEN lower(fresh.service_tier) NOT IN ('auto', 'default', '')
                    THEN lower(fresh.service_tier)
                ELSE coalesce(fresh.service_tier_asked, 'standard')
            END AS tier
        FROM fresh
        LEFT JOIN known_names AS known ON fresh.source = known.source AND {same}
        LEFT JOIN main.dim_models AS models
            ON known.model IS NULL AND models.provider = fresh.provider
            AND models.raw_model = lower(trim({spelled}))
            AND models.valid_from <= fresh.started AND fresh.started < models.valid_to
    """


def _rated() -> str:
    """One row a request: pieces are not counted where their tokens are, as in a run."""
    parts = []
    for name, meter in METERS.items():
        beside = f" AND coalesce({meter.tokens_of}_quantity, 0) = 0" if meter.tokens_of else ""
        parts.append(
            f"SELECT row_no, '{name}' AS meter, {name}_quantity AS quantity FROM named"
            f" WHERE {name}_quantity > 0{beside} AND NOT {CACHED}"
        )
    return f"""
        WITH metered AS ({" UNION ALL ".join(parts)}),
        priced AS (
            SELECT
                metered.*,
                prices.list_unit_price_per_million AS price
            FROM metered
            INNER JOIN named ON metered.row_no = named.row_no
            LEFT JOIN main.dim_prices AS prices
                ON prices.provider = named.of_provider AND prices.model = named.of_model
                AND prices.meter = metered.meter AND prices.service_tier = named.tier
                AND prices.region IN ('*', lower(named.region))
                AND prices.context_above = 0 AND prices.volume_above = 0
                AND prices.valid_from <= named.started AND named.started < prices.valid_to
            QUALIFY row_number() OVER (
                PARTITION BY metered.row_no, metered.meter
                ORDER BY prices.region = '*' NULLS LAST, prices.price_id NULLS LAST
            ) = 1
        ),
        costs AS (
            SELECT
                row_no,
                sum(CAST(quantity AS HUGEINT) * CAST(price * 1000000000000 AS HUGEINT) // 1000000)
                    AS list_pico,
                sum(quantity) FILTER (WHERE price IS NULL) AS unpriced_quantity
            FROM priced
            GROUP BY row_no
        )
        SELECT
            named.source, named.key_name, named.user_id, named.of_provider AS provider,
            named.of_model AS model, date_trunc('hour', named.used) AS usage_hour,
            coalesce(costs.list_pico, 0) AS list_pico,
            coalesce(costs.unpriced_quantity, 0) AS unpriced_quantity,
            CAST(costs.row_no IS NULL OR costs.unpriced_quantity > 0 AS INTEGER) AS unpriced
        FROM named
        LEFT JOIN costs ON named.row_no = costs.row_no
        WHERE NOT {CACHED}
            AND (costs.row_no IS NOT NULL
                OR (status = 'success' AND coalesce(operation, '') NOT IN ('management', 'tool')))
    """


_PUBLISHED: Final = """
    SELECT
        source,
        coalesce(gateway_key_alias, gateway_key_id, credential_id, '__unknown__') AS key_name,
        user_id, provider, model, usage_hour,
        CAST(coalesce(list_cost, 0) * 1000000000000 AS HUGEINT) AS list_pico,
        0 AS unpriced_quantity,
        CAST(price_status = 'unpriced' AS INTEGER) AS unpriced
    FROM main.fct_requests
    WHERE price_status <> 'cached' AND is_tool_call IS NOT TRUE
        AND usage_date >= (SELECT CAST(min(usage_hour) AS DATE) FROM rated)
"""
# Along key, user and model; `key_name` is what most of the hour was used by.
HOURS: Final = f"""
    WITH uses AS (
        SELECT * FROM rated
        UNION ALL
        {_PUBLISHED}
    ),
    recent AS (
        SELECT * FROM uses
        WHERE usage_hour > (SELECT max(usage_hour) - INTERVAL 24 HOUR FROM rated)
    ),
    along AS (
        SELECT 'key' AS axis, source || '/' || key_name AS entity, * FROM recent
        UNION ALL SELECT 'user', user_id, * FROM recent WHERE user_id IS NOT NULL
        UNION ALL SELECT 'model', provider || '/' || model, * FROM recent
    ),
    by_key AS (
        SELECT
            axis, entity, usage_hour, source || '/' || key_name AS key_name,
            sum(list_pico) AS list_pico,
            sum(unpriced_quantity) AS unpriced_quantity,
            sum(unpriced) AS unpriced_requests,
            count(*) AS requests
        FROM along
        GROUP BY ALL
    )
    SELECT
        axis, entity, usage_hour,
        max_by(key_name, (list_pico, requests, key_name)) AS key_name,
        sum(list_pico) AS list_cost,
        sum(unpriced_quantity) AS unpriced_quantity,
        sum(unpriced_requests) AS unpriced_requests
    FROM by_key
    GROUP BY ALL
"""


def _limits(floor: Decimal) -> str:
    """Of an hour that the last run did not look at, that of the week after; without any, of new."""
    new = f"""CASE measured.measure
        WHEN 'list_cost' THEN CAST('{floor}' AS DECIMAL(38, 12))
        WHEN 'unpriced_quantity' THEN {UNITS} ELSE {REQUESTS} END * {NEW_TIMES}"""
    return f"""
        WITH measured AS (
            UNPIVOT (
                SELECT
                    axis, entity, usage_hour, key_name, unpriced_requests AS unpriced,
                    CAST(CAST(list_cost AS DECIMAL(38, 0)) * 0.000000000001 AS DECIMAL(38, 12))
                        AS list_cost,
                    CAST(unpriced_quantity AS DECIMAL(38, 12)) AS unpriced_quantity,
                    CAST(unpriced_requests AS DECIMAL(38, 12)) AS unpriced_requests
                FROM hours
            ) ON list_cost, unpriced_quantity, unpriced_requests INTO NAME measure VALUE amount
        )
        SELECT
            measured.*,
            coalesce(own.usual_amount, ahead.usual_amount) AS usual,
            coalesce(own.limit_amount, ahead.limit_amount, {new}) AS limit_amount
        FROM measured
        LEFT JOIN main.mart_hourly_limits AS own
            ON own.axis = measured.axis AND own.entity = measured.entity
            AND own.measure = measured.measure AND own.usage_hour = measured.usage_hour
        LEFT JOIN main.mart_hourly_limits AS ahead
            ON own.axis IS NULL AND ahead.axis = measured.axis AND ahead.entity = measured.entity
            AND ahead.measure = measured.measure
            AND ahead.usage_hour = measured.usage_hour + INTERVAL 7 DAY
    """


# The first hour of each, a user's and a model's only where it is not a key's.
OVER: Final = """
    WITH over AS (SELECT * FROM limits WHERE amount >= limit_amount),
    teams AS (
        SELECT
            source || '/' || coalesce(gateway_key_alias, gateway_key_id, credential_id) AS key_name,
            max_by(team, started_at) AS team
        FROM main.fct_requests
        WHERE usage_date > (SELECT CAST(max(usage_hour) AS DATE) - 7 FROM hours)
        GROUP BY ALL
    )
    SELECT
        over.axis, over.entity, over.usage_hour, over.measure, over.amount, over.usual,
        over.limit_amount, over.key_name, nullif(teams.team, '__unallocated__'),
        CAST(over.unpriced AS BIGINT)
    FROM over
    LEFT JOIN teams ON over.key_name = teams.key_name
    WHERE over.axis = 'key' OR NOT EXISTS (
        SELECT 1 FROM over AS keys
        WHERE keys.axis = 'key' AND keys.entity = over.key_name
            AND keys.usage_hour = over.usage_hour)
    QUALIFY row_number() OVER (
        PARTITION BY over.axis, over.entity ORDER BY over.usage_hour, over.measure) = 1
    ORDER BY over.axis, over.entity
"""
