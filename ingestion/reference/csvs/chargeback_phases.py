"""chargeback_phases.csv and disputes.csv: what of a team's money leaves for finance."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

from ingestion.contracts import INSTANT, MONEY
from ingestion.reference.columns import NAME, TEXT, VALIDITY, Column, ReferenceTable
from ingestion.reference.rows import Problem, ReferenceRow
from ingestion.reference.values import choice, instant, money, month
from ingestion.vocabulary import PHASES


def override_problem(values: dict[str, Any]) -> str | None:
    """An override says who and why; when is the line's valid_from."""
    if (values["override_by"] is None) == (values["override_reason"] is None):
        return None
    given, lacks = ("override_by", "override_reason")[:: 1 if values["override_by"] else -1]
    return f"{lacks}: is empty though {given} is given: an override says who and why"


CHARGEBACK_PHASES: Final = ReferenceTable(
    {
        "team_id": NAME,
        "phase": Column(pa.string(), choice(*PHASES), required=True),
        "valid_from": VALIDITY["valid_from"],
        **dict.fromkeys(("override_by", "override_reason"), TEXT),
    },
    key=("team_id", "valid_from"),
    problem=override_problem,
)


def disputed(value: str) -> Decimal:
    amount = money(value)
    if amount <= 0:
        raise ValueError(f"`{value}` is not above 0: empty is all of it")
    return amount


def resolution_problem(values: dict[str, Any]) -> str | None:
    resolved, outcome = values["resolved_at"], values["outcome"]
    if resolved is None and outcome is None:
        return None
    if resolved is None:
        return "resolved_at: is empty though outcome is given: say when it was resolved"
    if outcome is None:
        return "outcome: is empty though resolved_at is given: say how it was resolved"
    if resolved < values["opened_at"]:
        return "resolved_at: is before opened_at"
    return None


DISPUTES: Final = ReferenceTable(
    {
        "month": Column(pa.date32(), month, required=True),
        "team_id": NAME,
        # empty: every feature of the team, and all of its amount
        "feature": TEXT,
        "amount": Column(MONEY, disputed),
        "opened_at": Column(INSTANT, instant, required=True),
        "reason": NAME,
        "resolved_at": Column(INSTANT, instant),
        "outcome": TEXT,
    },
    key=("month", "team_id", "feature"),
    problem=resolution_problem,
)


def disputed_twice(rows: Sequence[ReferenceRow]) -> list[Problem]:
    """A feature of a team whose every feature of that month is disputed, too."""
    of_team: dict[tuple[Any, ...], list[ReferenceRow]] = defaultdict(list)
    for row in rows:
        of_team[row.values["month"], row.values["team_id"].lower()].append(row)
    return [
        (
            row.line,
            f"feature: `{row.values['feature']}` of {row.values['team_id']} is disputed by line"
            f" {whole.line}, which names no feature, too: keep one",
        )
        for group in of_team.values()
        for whole in group
        if whole.values["feature"] is None
        for row in group
        if row.values["feature"] is not None
    ]
