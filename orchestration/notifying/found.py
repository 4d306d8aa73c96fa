"""The events of a run and of a close, as the published marts have them; read where one is told."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from ingestion.workspace.notifications import CHECK_FAILED, GATE, MONTH_CLOSED
from ingestion.workspace.settings import Workspace
from orchestration.cents.largest_remainder import cents_text, places_of, unit_of
from orchestration.cents.posted import posted_lines
from orchestration.checks.month_status import CLOSED, HELD, month_statuses
from orchestration.notifying.events import Event, outside, standing
from orchestration.publishing.marts import open_marts
from orchestration.summary.phases import held_teams

VERDICT: Final = "verdict"
NOBODY: Final = "__unallocated__"


def of_verdict(workspace: Workspace, problems: Sequence[str]) -> Iterator[Event]:
    """Of a run that published: what its verdict says, and teams that a gate holds back."""
    yield standing(CHECK_FAILED, "a check failed", problems, VERDICT)
    with open_marts(workspace.marts) as connection:
        held = [
            team
            for month, status in month_statuses(connection).items()
            if status != CLOSED
            for team in held_teams(connection, month)
        ]
    gates = {
        f"{each.month:%Y-%m} {each.team} {each.asked}": outside(
            f"{each.month:%Y-%m}, {each.team}: {each.phase} and not {each.asked} yet: {each.says}"
        )
        for each in held
    }
    yield Event(GATE, "a gate holds a team back", gates, VERDICT)


def of_failed_step(step: str, problems: Sequence[str]) -> Event:
    """Of a step after which no verdict comes."""
    return standing(CHECK_FAILED, "a run failed", problems, step)


def of_close(workspace: Workspace, month: date) -> Iterator[Event]:
    unit, places = unit_of(workspace.currency), places_of(workspace.currency)
    with open_marts(workspace.marts) as connection:
        lines = [
            line for line in posted_lines(connection, month, unit) if line.row["status"] != HELD
        ]
    total = sum(line.total for line in lines)
    nobodys = sum(line.total for line in lines if line.row["team"] == NOBODY)
    title = (
        f"{month:%Y-%m} is closed: {cents_text(total, places)} {workspace.currency} charged,"
        f" {cents_text(nobodys, places)} of it nobody's"
    )
    yield Event(MONTH_CLOSED, title, {})
