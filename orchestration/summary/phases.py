"""Which teams a gate holds back in a month, and which passed it by an override."""

from collections import defaultdict
from datetime import date

import duckdb

ROWS = """
    SELECT team, asked_phase, phase, gate_says, override_by, override_reason
    FROM main.mart_chargeback_phases
    WHERE billing_month = ? AND gate_says IS NOT NULL
    ORDER BY team
"""


def held_back(connection: duckdb.DuckDBPyConnection, month: date) -> list[str]:
    """A sentence for all teams of which the same is true."""
    held: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    passed: list[str] = []
    for team, asked, phase, says, by, why in connection.execute(ROWS, [month]).fetchall():
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
