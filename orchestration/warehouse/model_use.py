"""Models that requests used and that nobody knows, or that nobody has a price for."""

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import duckdb
import pyarrow as pa

from ingestion.globs import glob_pattern
from ingestion.prices.book import price_book
from ingestion.prices.litellm_map import DatedPrices
from ingestion.prices.model_names import AS_LOGGED, model_names
from ingestion.reference.capacity_pools import pool_globs
from orchestration.warehouse.landing_schema import models_seen, priced_span, write_table

# The deciding name is chosen as int_requests_identified does. What a gateway's own cache answered
# costs nothing. A price of any meter and period counts, and so does a line of models.csv: this
# tells of models that are unknown, not of gaps. Capacity that is paid by the month needs no price.
MODEL_USE: Final = string.Template("""
    WITH used AS (
        SELECT
            coalesce(requests.provider, entry.provider, '__unknown__') AS provider,
            coalesce(
                CASE WHEN served.source = 'models.csv' THEN served END,
                CASE WHEN mapped.source = 'models.csv' THEN mapped END,
                CASE WHEN routed.source = 'models.csv' THEN routed END,
                CASE WHEN served.source <> 'as_logged' THEN served END,
                CASE WHEN mapped.source <> 'as_logged' THEN mapped END,
                CASE WHEN routed.source <> 'as_logged' THEN routed END,
                CASE WHEN routed.raw_model IS NOT NULL THEN routed END,
                CASE WHEN served.raw_model IS NOT NULL THEN served END,
                CASE WHEN mapped.raw_model IS NOT NULL THEN mapped END,
                requested
            ) AS name,
            gateway_cost AS cost,
            coalesce(input_quantity, 0) + coalesce(cache_read_quantity, 0)
            + coalesce(cache_write_5m_quantity, 0) + coalesce(cache_write_1h_quantity, 0)
            + coalesce(output_quantity, 0) + coalesce(audio_input_quantity, 0)
            + coalesce(audio_output_quantity, 0) + coalesce(image_input_quantity, 0)
            + coalesce(image_output_quantity, 0) AS tokens
        FROM landing.requests
        LEFT JOIN landing.sources AS entry ON requests.source = entry.source
        $joins
        WHERE coalesce(cache_layer, 'none') IN ('none', 'provider_prefix')
            AND NOT EXISTS (
                SELECT 1 FROM landing.pooled
                WHERE requests.deployment_id = pooled.deployment_id
            )
    )
    SELECT
        used.provider, name.raw_model, name.model, name.source = 'as_logged',
        listed.model IS NOT NULL, count(*), CAST(sum(tokens) AS BIGINT), sum(cost)
    FROM used
    LEFT JOIN (
        SELECT DISTINCT provider, lower(model) AS model FROM landing.price_book
        UNION SELECT provider, lower(model) FROM landing.prices
    ) AS listed ON used.provider = listed.provider AND lower(name.model) = listed.model
    WHERE tokens > 0
    GROUP BY ALL
    ORDER BY sum(tokens) DESC, used.provider, name.raw_model
""").substitute(
    joins="\n        ".join(
        f"LEFT JOIN landing.model_names AS {name}"
        f" ON coalesce(requests.provider, entry.provider, '__unknown__') = {name}.provider"
        f" AND lower(trim(model_{name})) = {name}.raw_model"
        for name in ("served", "mapped", "routed", "requested")
    )
)


@dataclass(frozen=True, slots=True)
class ModelUse:
    """`tokens`: in and out. `cost`: what the gateway claims, None where it claims nothing."""

    provider: str
    raw_model: str
    model: str
    is_unknown: bool
    is_priced: bool
    requests: int
    tokens: int
    cost: Decimal | None


def model_use(
    connection: duckdb.DuckDBPyConnection, reference: Mapping[str, pa.Table], maps: DatedPrices
) -> list[ModelUse]:
    """Most tokens first. `connection`: schema `landing` of a scan."""
    for table in ("capacity", "deployments", "models", "prices"):
        write_table(connection, table, reference[table])
    write_table(connection, "pooled", _pooled(connection, reference["capacity"]))
    since, until, providers = priced_span(connection)
    book = price_book(since=since, until=until, providers=providers, mapped=maps.rows)
    write_table(connection, "price_book", book)
    names = model_names(models_seen(connection), maps.names)
    write_table(connection, "model_names", _overridden(names, reference["models"].to_pylist()))
    return [ModelUse(*row) for row in connection.execute(MODEL_USE).fetchall()]


def _pooled(connection: duckdb.DuckDBPyConnection, capacity: pa.Table) -> pa.Table:
    """The deployments of logs that a pool of capacity.csv has."""
    globs = {glob for text in capacity["deployments"].to_pylist() for glob in pool_globs(text)}
    seen = connection.execute(
        "SELECT DISTINCT deployment_id FROM landing.requests WHERE deployment_id IS NOT NULL"
    ).fetchall()
    names = [name for [name] in seen if any(glob_pattern(glob).fullmatch(name) for glob in globs)]
    return pa.table({"deployment_id": pa.array(names, pa.string())})


def _overridden(names: pa.Table, lines: Iterable[dict[str, Any]]) -> pa.Table:
    """With the models of models.csv, whatever their time: literal names before globs."""
    patterns = sorted(
        ((line["provider"], line["raw_model"], line["model"]) for line in lines),
        key=lambda line: ("*" in line[1], -len(line[1])),
    )
    known = {(row["provider"], row["raw_model"]): row for row in names.to_pylist()}
    rows = []
    for (provider, raw), row in known.items():
        said = next(
            (
                model
                for whose, glob, model in patterns
                if whose == provider and glob_pattern(glob).fullmatch(raw)
            ),
            None,
        )
        target = known.get((provider, said.lower())) if said else None
        model = target["model"] if target and target["source"] != AS_LOGGED else said
        rows.append(row | {"model": model, "source": "models.csv"} if said else row)
    return pa.Table.from_pylist(rows, schema=names.schema)
