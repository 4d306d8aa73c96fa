"""What a dbt build that failed is told as: one sentence per node."""

from pathlib import Path
from typing import Any, Final

import duckdb

# Of a failing test's first row; a check of the arithmetic may return all of a request.
SHOWN: Final = 300


def failure_sentences(result: Any, warehouse: Path) -> list[str]:
    """One sentence per dbt node that failed, or one for the build that did not start."""
    if result is None:
        return ["dbt build ended without a result"]
    nodes = getattr(result.result, "results", None) or []
    failed = [item for item in nodes if str(item.status) in ("error", "fail", "runtime error")]
    if not failed:
        return [f"dbt build failed: {reason(result, [])}"]
    return [
        f"dbt {item.node.resource_type} {item.node.name}: {' '.join(str(item.message).split())}"
        f"{_first_row(item.node, warehouse) if str(item.status) == 'fail' else ''}"
        for item in failed
    ]


def reason(result: Any, errors: list[str]) -> str:
    text = str(result.exception) if result.exception else "; ".join(errors)
    return " ".join(text.split()) or "no reason given"


def _first_row(test: Any, warehouse: Path) -> str:
    """The first row that a failing test returns, which names the rule or the row that is wrong."""
    try:
        with duckdb.connect(warehouse, read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            found = connection.execute(test.compiled_code)
            names, row = [column[0] for column in found.description or ()], found.fetchone()
    except duckdb.Error:
        # the failure is told all the same: another program may have the warehouse open by now
        return ""
    if row is None:
        return ""
    text = ", ".join(f"{name} {value}" for name, value in zip(names, row, strict=True))
    return f"; first: {text[:SHOWN]}"
