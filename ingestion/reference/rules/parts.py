"""What a rule's texts say, as tables of their own: one row per condition, one per target."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import pyarrow as pa

from ingestion.reference.csvs.commitments import SCOPE_FIELDS
from ingestion.reference.csvs.shared_costs import FIELDS, target_rows
from ingestion.reference.rules.match import condition_rows

CONDITIONS: Final = pa.schema(
    [
        ("line", pa.int32()),
        ("condition_no", pa.int32()),
        ("field", pa.string()),
        ("pattern", pa.string()),
    ]
)
TARGETS: Final = pa.schema(
    [
        ("line", pa.int32()),
        ("target_no", pa.int32()),
        ("dimension", pa.string()),
        ("pattern", pa.string()),
        ("share", pa.int64()),
    ]
)
Rows = list[dict[str, Any]]

# Table -> the CSV it is made of, its rows, its columns.
DETAILS: Final[Mapping[str, tuple[str, Callable[[Rows], Rows], pa.Schema]]] = {
    "attribution_rule_conditions": ("attribution_rules", condition_rows, CONDITIONS),
    "commitment_conditions": (
        "commitments",
        lambda commitments: condition_rows(commitments, SCOPE_FIELDS, "scope"),
        CONDITIONS,
    ),
    "shared_cost_conditions": (
        "shared_costs",
        lambda rules: condition_rows(rules, FIELDS),
        CONDITIONS,
    ),
    "shared_cost_targets": ("shared_costs", target_rows, TARGETS),
}


def with_details(tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """The CSVs' tables, and those that are made of them."""
    return tables | {
        name: pa.Table.from_pylist(rows(tables[csv].to_pylist()), schema=schema)
        for name, (csv, rows, schema) in DETAILS.items()
    }
