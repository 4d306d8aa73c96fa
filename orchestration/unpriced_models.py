"""Models that requests used and that neither the price book nor prices.csv has a price for."""

from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa

from ingestion.model_names import model_names
from ingestion.price_maps import DatedPrices
from ingestion.prices import price_book
from orchestration.warehouse import models_seen, priced_span, write_table

# The canonical model is chosen as the warehouse does: a served name that is listed, else a routed
# one, else a requested one. What a gateway's own cache answered costs nothing. A price of any
# meter and period counts: this tells of models that are unknown, not of gaps.
UNPRICED: Final = """
    WITH used AS (
        SELECT
            requests.provider,
            coalesce(
                CASE WHEN served.source <> 'as_logged' THEN served.model END,
                CASE WHEN routed.source <> 'as_logged' THEN routed.model END,
                CASE WHEN requested.source <> 'as_logged' THEN requested.model END,
                routed.model, served.model, requested.model, '__unknown__'
            ) AS model,
            coalesce(input_quantity, 0) + coalesce(cache_read_quantity, 0)
            + coalesce(cache_write_5m_quantity, 0) + coalesce(cache_write_1h_quantity, 0)
            + coalesce(output_quantity, 0) + coalesce(audio_input_quantity, 0)
            + coalesce(audio_output_quantity, 0) + coalesce(image_input_quantity, 0)
            + coalesce(image_output_quantity, 0) AS tokens
        FROM landing.requests
        LEFT JOIN landing.model_names AS served
            ON requests.provider = served.provider AND model_served = served.raw_model
        LEFT JOIN landing.model_names AS routed
            ON requests.provider = routed.provider AND model_routed = routed.raw_model
        LEFT JOIN landing.model_names AS requested
            ON requests.provider = requested.provider AND model_requested = requested.raw_model
        WHERE requests.provider IS NOT NULL
            AND coalesce(cache_layer, 'none') IN ('none', 'provider_prefix')
    )
    SELECT model, provider, count(*), CAST(sum(tokens) AS BIGINT)
    FROM used
    WHERE tokens > 0
    GROUP BY provider, model
    HAVING (provider, model) NOT IN (SELECT (provider, model) FROM landing.price_book)
        AND (provider, model) NOT IN (SELECT (provider, model) FROM landing.prices)
    ORDER BY sum(tokens) DESC, provider, model
"""


@dataclass(frozen=True, slots=True)
class UnpricedModel:
    """`tokens`: all that its requests used, in and out."""

    model: str
    provider: str
    requests: int
    tokens: int


def unpriced_models(
    connection: duckdb.DuckDBPyConnection, prices: pa.Table, maps: DatedPrices
) -> list[UnpricedModel]:
    """Most tokens first. `connection`: schema `landing` of a scan; `prices`: prices.csv."""
    since, until, providers = priced_span(connection)
    book = price_book(since=since, until=until, providers=providers, mapped=maps.rows)
    write_table(connection, "price_book", book)
    write_table(connection, "prices", prices)
    write_table(connection, "model_names", model_names(*models_seen(connection), maps.names))
    return [UnpricedModel(*row) for row in connection.execute(UNPRICED).fetchall()]
