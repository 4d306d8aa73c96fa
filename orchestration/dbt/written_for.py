"""What models are written for: rules of the reference CSVs that have landed, as variables of dbt.

They are asked for before a build and not by macros while they compile, and what dbt parsed stands
whatever they are: no other relation is read for their sake.
"""

from pathlib import Path
from typing import Any, Final

import duckdb

RULE_FIELDS: Final = "SELECT DISTINCT field FROM landing.attribution_rule_conditions ORDER BY field"
RULES: Final = """
    SELECT
        line, method, basis,
        CAST(valid_from AS VARCHAR) AS valid_from,
        CAST(valid_to AS VARCHAR) AS valid_to
    FROM landing.shared_costs
    ORDER BY priority, line
"""
CONDITIONS: Final = """
    SELECT field, pattern FROM landing.shared_cost_conditions WHERE line = ? ORDER BY condition_no
"""
TARGETS: Final = """
    SELECT target_no, dimension, pattern, share
    FROM landing.shared_cost_targets WHERE line = ? ORDER BY target_no
"""
REQUEST_SOURCES: Final = "SELECT count(*) AS sources FROM landing.sources WHERE kind = 'gateway'"
HAS_CONTEXTS: Final = "SELECT count(*) > 0 AS has_contexts FROM seen.context_days"
HAS_FEES: Final = (
    "SELECT count(*) > 0 AS has_fees FROM landing.prices"
    " WHERE meter = 'requests' AND unit_price_per_million IS NOT NULL"
)
# As int_start_days finds them.
HAS_TWO_SINKS: Final = """
    SELECT count(*) > 0 AS has_two_sinks FROM (
        SELECT source FROM seen.request_days
        GROUP BY source
        HAVING min(lowest_rank) < max(highest_rank)
    )
"""
# A first band begins at 0 and ends where another one begins.
HAS_VOLUME_BANDS: Final = """
    SELECT count(*) > 0 AS has_volume_bands FROM (
        SELECT volume_above FROM landing.prices
        UNION ALL
        SELECT volume_above FROM landing.contracts
        UNION ALL
        SELECT volume_above FROM landing.price_book
    )
    WHERE volume_above > 0
"""
# As many as there are when any of them begins: only then do they become more.
IN_LINE: Final = """
    SELECT coalesce(max(in_force), 0) AS in_force FROM (
        SELECT count(*) AS in_force
        FROM landing.commitments AS begun
        INNER JOIN landing.commitments AS others
            ON
                begun.provider = others.provider
                AND others.valid_from <= begun.valid_from
                AND begun.valid_from < others.valid_to
        GROUP BY begun.line
    )
"""


def written_for(warehouse: Path) -> dict[str, Any]:
    """Variables of dbt; those of a table that has not landed keep dbt_project.yml's value."""
    if not warehouse.is_file():
        return {}
    with duckdb.connect(warehouse, read_only=True) as connection:
        there = {
            name
            for (name,) in connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'landing'"
            ).fetchall()
        }
        variables: dict[str, Any] = {}
        if "attribution_rule_conditions" in there:
            variables["rule_fields"] = [row["field"] for row in _rows(connection, RULE_FIELDS)]
        if "shared_costs" in there:
            variables["shared_cost_rules"] = [
                rule
                | {
                    "conditions": _rows(connection, CONDITIONS, rule["line"]),
                    "targets": _rows(connection, TARGETS, rule["line"]),
                }
                for rule in _rows(connection, RULES)
            ]
        if "sources" in there:
            [row] = _rows(connection, REQUEST_SOURCES)
            variables["request_sources"] = row["sources"]
            [row] = _rows(connection, HAS_CONTEXTS)
            variables |= row
            [row] = _rows(connection, HAS_TWO_SINKS)
            variables |= row
        if "prices" in there:
            [row] = _rows(connection, HAS_FEES)
            variables |= row
        if {"prices", "contracts", "price_book"} <= there:
            [row] = _rows(connection, HAS_VOLUME_BANDS)
            variables |= row
        if "commitments" in there:
            [row] = _rows(connection, IN_LINE)
            variables["commitments_in_line"] = row["in_force"]
    return variables


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, *values: int) -> list[dict[str, Any]]:
    result = connection.execute(sql, list(values))
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
