"""What assets are called, the step each belongs to and who answers for it."""

from collections.abc import Mapping
from typing import Final

import dagster as dg

# The job that is everything.
RUN: Final = "run"
REFERENCE: Final = dg.AssetKey("reference")
# What a run publishes and writes for finance, and what it says at the end.
MARTS: Final = dg.AssetKey("marts")
EXPORTS: Final = dg.AssetKey(["exports", "open_months"])
MONTH: Final = dg.AssetKey(["exports", "month"])
CLOSED_MONTH: Final = dg.AssetKey(["ledger", "month"])
ACCRUED_MONTH: Final = dg.AssetKey(["ledger", "accrual"])
VERDICT: Final = dg.AssetKey("verdict")
RESTATEMENTS: Final = dg.AssetKey(["main", "fct_price_restatements"])
HISTORY: Final = dg.AssetKey(["history", "price_restatements"])

# The steps of the money's way, as the asset graph groups them: each reads from those before it.
SOURCES: Final = "sources"
PRICES: Final = "prices"
REQUESTS: Final = "requests"
ALLOCATION: Final = "allocation"
TABLES: Final = "marts"
PUBLISHED: Final = "published"
# Who runs the gateways answers for what they log; who does the books for what it is worth.
OWNERS: Final[Mapping[str, str]] = {
    SOURCES: "team:platform",
    PRICES: "team:finops",
    REQUESTS: "team:platform",
    ALLOCATION: "team:finops",
    TABLES: "team:finops",
    PUBLISHED: "team:finops",
}
# Tables of schema `landing` that say what things cost or did cost, or what a model is called there.
OF_PRICES: Final = frozenset(
    (
        *("price_book", "model_names", "price_restatements"),
        *("published_days", "published_request_meters"),
    )
)


def source_key(name: str) -> dg.AssetKey:
    """Of a gateway or bill, by its name in tollbook.yaml."""
    return dg.AssetKey(["landing", name])


def warehouse_key(table: str) -> dg.AssetKey:
    """Of a table of schema `landing`."""
    return dg.AssetKey(["warehouse", table])
