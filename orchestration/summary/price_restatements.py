"""How a changed price or contract is told: how many requests, and the money before and after."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

import duckdb

from ingestion.landing.restatements import stored_ids
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace.settings import Workspace
from orchestration.terminal.tables import as_table

LINES: Final = 12
CENT: Final = Decimal("0.01")
MICRO: Final = Decimal("0.000001")
COSTS: Final = (
    "list_cost_before",
    "list_cost_after",
    "contracted_cost_before",
    "contracted_cost_after",
)
# Sums of lines that had a price before and have one after; NULL where there are none.
SUMS: Final = ", ".join(f"sum({cost}) FILTER (WHERE is_known) AS {cost}" for cost in COSTS)
TOTAL: Final = f"""
    SELECT
        CAST(sum(requests_once) AS BIGINT), count(DISTINCT usage_date), {SUMS},
        sum(list_cost_after) FILTER (WHERE reason = 'became_priced'),
        sum(contracted_cost_after) FILTER (WHERE reason = 'became_priced'),
        sum(list_cost_before) FILTER (WHERE reason = 'became_unpriced'),
        sum(contracted_cost_before) FILTER (WHERE reason = 'became_unpriced')
    FROM told
"""
BY_METER: Final = f"""
    SELECT *
    FROM (
        SELECT provider, model, meter, CAST(sum(requests) AS BIGINT), {SUMS}
        FROM told
        WHERE is_known
        GROUP BY provider, model, meter
    )
    ORDER BY
        greatest(abs(contracted_cost_after - contracted_cost_before),
                 abs(list_cost_after - list_cost_before)) DESC,
        provider, model, meter
"""


def told_restatements(workspace: Workspace) -> set[str]:
    """Ids that the landing keeps: a run tells what it is the first to keep there.

    None where it cannot be read: the run says why, in a sentence a source.
    """
    with suppress(SourceError):
        return stored_ids(open_storage(workspace.landing))
    return set()


def repriced_text(connection: duckdb.DuckDBPyConnection, told: Collection[str]) -> str:
    """All restatements but those already told, as lines; empty where there are none."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE told AS SELECT *,"
        " reason NOT IN ('became_priced', 'became_unpriced') AS is_known"
        " FROM main.fct_price_restatements WHERE NOT list_contains(?::VARCHAR[], restatement_id)",
        [sorted(told)],
    )
    [total] = connection.execute(TOTAL).fetchall()
    requests, days, *costs = total
    if requests is None:
        return ""
    changed, new, gone = costs[:4], costs[4:6], costs[6:]
    what = f"repriced {_many(requests, 'request')} of {_many(days, 'day')}"
    lines = [f"{what}: {_changes(changed)}" if changed[0] is not None else what]
    if new[0] is not None:
        lines.append(f"had no price before: {_both(new)}")
    if gone[0] is not None:
        lines.append(f"have no price any more: {_both(gone)}")
    return "\n".join(lines) + "\n" + _by_meter(connection.execute(BY_METER).fetchall())


def _by_meter(rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return ""
    columns = ["provider", "model", "meter", "requests", "list before", "after"]
    columns += ["contracted before", "after"]
    shown = [[*row[:4], *_rounded(row[4:])] for row in rows[:LINES]]
    if rest := rows[LINES:]:
        sums = [sum((row[column] for row in rest), Decimal()) for column in range(4, 8)]
        requests = sum(row[3] for row in rest)
        shown.append([f"… {len(rest)} more", "", "", requests, *_rounded(sums)])
    return as_table(columns, shown)


def _changes(costs: Sequence[Decimal]) -> str:
    """`list 12.34 → 13.00 (+0.66), contracted …`"""
    texts = [str(cost) for cost in _rounded(costs)]
    parts = []
    for name, at in (("list", 0), ("contracted", 2)):
        change = Decimal(texts[at + 1]) - Decimal(texts[at])
        parts.append(f"{name} {texts[at]} → {texts[at + 1]} ({change:+f})")
    return ", ".join(parts)


def _both(costs: Sequence[Decimal]) -> str:
    list_cost, contracted = _rounded(costs)
    return f"list {list_cost}, contracted {contracted}"


def _rounded(costs: Sequence[Decimal]) -> list[Decimal]:
    """Cents; micros where less than a cent, of a cost or between two, would not be seen."""
    changes = [after - before for before, after in pairwise(costs)]
    small = any(0 < abs(amount) < CENT for amount in (*costs, *changes))
    # adding zero turns -0.00 into 0.00
    return [cost.quantize(MICRO if small else CENT) + 0 for cost in costs]


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
