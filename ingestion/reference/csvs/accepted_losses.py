"""accepted_losses.csv: days of a gateway whose lost logs a person accepts, and who and why."""

from collections.abc import Collection, Sequence
from typing import Any, Final

import pyarrow as pa

from ingestion.reference.columns import NAME, Column, ReferenceTable
from ingestion.reference.rows import Problem, ReferenceRow
from ingestion.reference.values import day


def order_problem(values: dict[str, Any]) -> str | None:
    """What is wrong with the days of a line, which are half-open."""
    if values["from"] < values["to"]:
        return None
    return "to: is not after from: it is the day after the last lost one"


ACCEPTED_LOSSES: Final = ReferenceTable(
    {
        "gateway": NAME,
        **dict.fromkeys(("from", "to"), Column(pa.date32(), day, required=True)),
        **dict.fromkeys(("by", "reason"), NAME),
    },
    key=("gateway", "from", "to"),
    problem=order_problem,
)


def unknown_gateways(rows: Sequence[ReferenceRow], known: Collection[str]) -> list[Problem]:
    """Lines of a gateway that tollbook.yaml does not have."""
    names = ", ".join(sorted(known)) or "none"
    return [
        (row.line, f"gateway: `{name}` is no gateway of tollbook.yaml: it has {names}")
        for row in rows
        if (name := row.values["gateway"]) not in known
    ]
