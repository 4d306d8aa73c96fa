"""Tokens without a list price, by what their models are called: of a warehouse that was built."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import duckdb

from ingestion.vocabulary import TOKEN_METERS

MODELS: Final = ("int_unpriced_daily",)
# Most tokens first. What is paid by the month has no price of a token.
UNPRICED: Final = f"""
    SELECT
        provider, raw_model, model, model_source = 'as_logged', service_tier,
        CAST(sum(requests_once) AS BIGINT), CAST(sum(quantity) AS BIGINT) AS tokens,
        sum(gateway_cost_once)
    FROM intermediate.int_unpriced_daily
    WHERE
        meter IN ({", ".join(f"'{meter}'" for meter in TOKEN_METERS)})
        AND NOT (provider = 'own' AND billing_account IN (SELECT pool FROM landing.capacity))
    GROUP BY ALL
    ORDER BY tokens DESC, provider, raw_model, model, service_tier
"""


@dataclass(frozen=True, slots=True)
class UnpricedUse:
    """Requests of one name and service tier. `is_unknown`: models.csv, prices.csv and public lists
    know no such model. `cost`: what the gateway claims, None where it claims nothing.
    """

    provider: str
    raw_model: str
    model: str
    is_unknown: bool
    service_tier: str
    requests: int
    tokens: int
    cost: Decimal | None


def unpriced_uses(connection: duckdb.DuckDBPyConnection) -> list[UnpricedUse]:
    return [UnpricedUse(*row) for row in connection.execute(UNPRICED).fetchall()]
