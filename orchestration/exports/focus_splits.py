"""FOCUS 1.3: rows of a month with how their charge was split among owners."""

from collections.abc import Sequence
from typing import Final

from ingestion.vocabulary import ACCOUNTABLE_OWNERS

# A row's share of its charge in parts of 10^12: floors, and one part more for the largest
# remainders, so that a charge's rows have all of them. What a payment pays for is shared by
# effective cost; no money, evenly.
SHARED: Final = """
    WITH measured AS (
        SELECT
            *,
            CAST(abs(CASE WHEN "PricingCategory" = 'Committed' THEN "EffectiveCost"
                ELSE "BilledCost" END) * 1000000000000 AS HUGEINT) AS money
        FROM ({rows})
    ),
    weighted AS (
        SELECT
            *,
            count(*) OVER charge AS rows_of_charge,
            CASE WHEN sum(money) OVER charge = 0 THEN 1 ELSE money END AS weight
        FROM measured
        WINDOW charge AS (PARTITION BY "x_ChargeId", "ChargeCategory")
    ),
    floored AS (
        SELECT
            *,
            CAST(1000000000000 * weight // sum(weight) OVER charge AS HUGEINT) AS parts,
            CAST(1000000000000 * weight % sum(weight) OVER charge AS HUGEINT) AS remainder
        FROM weighted
        WINDOW charge AS (PARTITION BY "x_ChargeId", "ChargeCategory")
    ),
    ranked AS (
        SELECT
            *,
            row_number() OVER (
                PARTITION BY "x_ChargeId", "ChargeCategory" ORDER BY remainder DESC, {order}
            ) AS place,
            1000000000000 - sum(parts) OVER (
                PARTITION BY "x_ChargeId", "ChargeCategory"
            ) AS left_over
        FROM floored
    ),
    shared AS (
        SELECT
            *,
            CAST(
                CAST(parts + CASE WHEN place <= left_over THEN 1 ELSE 0 END AS DECIMAL(38, 0))
                * CAST(0.000000000001 AS DECIMAL(12, 12)) AS DECIMAL(38, 12)
            ) AS ratio,
            {resource} AS resource
        FROM ranked
    )
"""
# What a charge is alone, and nobody's, is no split.
IS_SPLIT: Final = "(rows_of_charge > 1 OR resource IS NOT NULL)"
DETAILS: Final = """
    '{"Elements":[{"AllocatedRatio":' || ratio || CASE
        WHEN "ConsumedQuantity" IS NOT NULL
            THEN ',"UsageUnit":"' || "ConsumedUnit" || '","UsageQuantity":' || "ConsumedQuantity"
        ELSE ''
    END || '}]}'
"""
# The columns of 1.3, and of those before it the one that says something else here: a charge has
# no tags, its allocated rows have.
COLUMNS: Final = {
    "AllocatedMethodDetails": f"CASE WHEN {IS_SPLIT} THEN {DETAILS} END",
    "AllocatedMethodId": f"CASE WHEN {IS_SPLIT} THEN 'tollbook/' || \"x_AllocationMethod\" END",
    "AllocatedResourceId": "resource",
    "AllocatedResourceName": "substr(resource, strpos(resource, '/') + 1)",
    "AllocatedTags": f'CASE WHEN {IS_SPLIT} THEN "Tags" END',
    "ContractApplied": "CAST(NULL AS VARCHAR)",
    "HostProviderName": '"ProviderName"',
    "ServiceProviderName": '"ProviderName"',
    "Tags": "CAST(NULL AS VARCHAR)",
}


def resource_of_tags() -> str:
    """`feature/<name>`, else `team/<name>`; NULL where nobody is known."""
    known = (
        f"'{owner}/' || nullif(json_extract_string(\"Tags\", '$.{owner}'), '__unallocated__')"
        for owner in ACCOUNTABLE_OWNERS
    )
    return f"coalesce({', '.join(known)})"


def splits(rows: str, order: Sequence[str]) -> str:
    """The CTEs, of which `shared` has each row with what COLUMNS are made of."""
    ordered = ", ".join(f'"{name}"' for name in order)
    return (
        SHARED.replace("{rows}", rows)
        .replace("{order}", ordered)
        .replace("{resource}", resource_of_tags())
    )
