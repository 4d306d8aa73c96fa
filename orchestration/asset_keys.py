"""What assets are called: the names that jobs, checks, schedules and the lineage share."""

from typing import Final

import dagster as dg

REFERENCE: Final = dg.AssetKey("reference")
# What a run publishes and writes for finance, and what it says at the end.
MARTS: Final = dg.AssetKey("marts")
EXPORTS: Final = dg.AssetKey(["exports", "open_months"])
MONTH: Final = dg.AssetKey(["exports", "month"])
VERDICT: Final = dg.AssetKey("verdict")
RESTATEMENTS: Final = dg.AssetKey(["main", "fct_price_restatements"])
HISTORY: Final = dg.AssetKey(["history", "price_restatements"])


def source_key(name: str) -> dg.AssetKey:
    """Of a gateway or bill, by its name in tollbook.yaml."""
    return dg.AssetKey(["landing", name])


def warehouse_key(table: str) -> dg.AssetKey:
    """Of a table of schema `landing`."""
    return dg.AssetKey(["warehouse", table])
