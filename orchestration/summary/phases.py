"""Which teams a gate holds back in a month, and which passed it by an override."""

from collections import defaultdict
from datetime import date
from typing import Final, NamedTuple

import duckdb

ROWS: Final = """
    SELECT billing_month, team, asked_phase, phase, gate_says, override_by, override_reason
    FROM main.mart_chargeback_phases
    WHERE billing_month = ? AND gate_says IS NOT NULL
    ORDER BY team
"""


class Gated(NamedTuple):
    """A team that a gate holds back, or that passed it by an override."""

    month: date
    team: str
    asked: str
    phase: str
    says: str
    by: str | None
    why: str | None


def _gated(connection: duckdb.DuckDBPyConnection, month: date) -> list[Gated]:
    return [Gated(*row) for row in connection.execute(ROWS, [month]).fetchall()]


def held_teams(connection: duckdb.DuckDBPyConnection, month: date) -> list[Gated]:
    """Teams that are not in the phase that they are to be in."""
    return [each for each in _gated(connection, month) if each.asked != each.phase]


def held_back(connection: duckdb.DuckDBPyConnection, month: date) -> list[str]:
    """A sentence for all teams of which the same is true."""
    held: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    passed: list[str] = []
    for _, team, asked, phase, says, by, why in _gated(connection, month):
        if asked == phase:
            passed.append(f"{month:%Y-%m}, {team} is in {phase} by {by} ({why}), though {says}")
        else:
            held[asked, phase, says].append(team)
    return [
        f"{month:%Y-%m}, {', '.join(teams)}: {phase} and not {asked} yet: {says}"
        f" (override_by and override_reason of chargeback_phases.csv let {_them(teams)} pass)"
        for (asked, phase, says), teams in held.items()
    ] + passed


def _them(teams: list[str]) -> str:
    return "it" if len(teams) == 1 else "them"
