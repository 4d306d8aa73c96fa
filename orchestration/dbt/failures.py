"""What a dbt build that failed is told as: one sentence per node."""

from typing import Any, Final

import duckdb

# Of a failing test's first row; a check of the arithmetic may return all of a request.
SHOWN: Final = 300


def failure_sentences(result: Any) -> list[str]:
    """One sentence per dbt node that failed, or one for the build that did not start."""
    if result is None:
        return ["dbt build ended without a result"]
    nodes = getattr(result.result, "results", None) or []
    failed = [item for item in nodes if str(item.status) in ("error", "fail", "runtime error")]
    if not failed:
        return [f"dbt build failed: {reason(result, [])}"]
    return [
        f"dbt {item.node.resource_type} {item.node.name}: {' '.join(str(item.message).split())}"
        for item in failed
    ]


def reason(result: Any, errors: list[str]) -> str:
    text = str(result.exception) if result.exception else "; ".join(errors)
    return " ".join(text.split()) or "no reason given"


def first_row(cursor: Any, sql: str) -> str:
    """The first row that a failing test returns, which names the rule or the row that is wrong."""
    try:
        found = cursor.execute(sql)
        names, row = [column[0] for column in found.description or ()], found.fetchone()
    except duckdb.Error:
        # the failure is told all the same
        return ""
    if row is None:
        return ""
    text = ", ".join(f"{name} {value}" for name, value in zip(names, row, strict=True))
    return f"; first: {text[:SHOWN]}"
