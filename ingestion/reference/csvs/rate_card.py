"""rate_card.csv: what teams are charged for what costs something else."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

from ingestion.contracts import MONEY
from ingestion.reference.columns import NAME, VALIDITY, Column, ReferenceTable
from ingestion.reference.rows import Problem, ReferenceRow
from ingestion.reference.values import choice, cost
from ingestion.vocabulary import PRICED

NOBODY: Final = "__unallocated__"
SCOPES: Final = ("team", "feature", "customer")
# Method -> the most that its value may be: percents, or money of the reporting currency.
RATE_METHODS: Final = {
    "cost_plus": Decimal(1000),
    "subsidy": Decimal(100),
    "per_million": Decimal(10) ** 6,
    "per_request": Decimal(10) ** 6,
}


def rate_problem(values: dict[str, Any]) -> str | None:
    method, value, meter = values["method"], values["value"], values["meter"]
    if value > RATE_METHODS[method]:
        return f"value: `{value.normalize():f}`: of {method} at most {RATE_METHODS[method]:f}"
    if method == "per_million" and meter is None:
        return "meter: is empty: say what a million of costs that much"
    if method == "per_request" and meter is not None:
        return f"meter: `{meter}`: a request has all of its meters, leave it empty"
    if values["scope_id"].lower() == NOBODY:
        return f"scope_id: `{values['scope_id']}` is nobody, whom nothing is charged"
    return None


RATE_CARD: Final = ReferenceTable(
    {
        "scope": Column(pa.string(), choice(*SCOPES), required=True),
        "scope_id": NAME,
        "method": Column(pa.string(), choice(*RATE_METHODS), required=True),
        "value": Column(MONEY, cost, required=True),
        # empty: what no other line of the scope has
        "meter": Column(pa.string(), choice(*PRICED)),
        **VALIDITY,
    },
    key=("scope", "scope_id", "meter"),
    problem=rate_problem,
)


def unknown_teams(rows: Sequence[ReferenceRow], teams: Sequence[ReferenceRow]) -> list[Problem]:
    """Lines of a team that teams.csv lacks: a workspace without teams.csv has none to compare."""
    known = {row.values["team_id"].lower() for row in teams}
    return [
        (row.line, f"scope_id: `{row.values['scope_id']}` is no team of teams.csv")
        for row in rows
        if known and row.values["scope"] == "team" and row.values["scope_id"].lower() not in known
    ]
