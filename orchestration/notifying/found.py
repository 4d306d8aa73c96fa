"""The events of a run and of a close, as the published marts have them; read where one is told."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from ingestion.workspace.sections.notifications import CHECK_FAILED, GATE, MONTH_CLOSED, RUNAWAY
from ingestion.workspace.settings import Workspace
from orchestration.cents.largest_remainder import cents_text, places_of, unit_of
from orchestration.cents.posted import posted_lines
from orchestration.checks.month_status import CLOSED, HELD, month_statuses
from orchestration.notifying.events import Event, outside, standing
from orchestration.publishing.marts import open_marts
from orchestration.summary.phases import held_teams

VERDICT: Final = "verdict"
NOBODY: Final = "__unallocated__"
# A runaway is one fact, whether a run or the watch between runs finds it.
HOURS: Final = "hours"
RUNAWAYS: Final = "use is out of line"
OPEN_RUNAWAYS: Final = """
    SELECT axis, entity, source, key_name, team, first_seen_at, exposure_so_far,
        exposure_by_morning, unpriced_requests
    FROM main.mart_runaways
    WHERE is_open
    ORDER BY axis, entity
"""


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
    if RUNAWAY in workspace.notifications.events:
        yield _open_runaways(workspace)


def _open_runaways(workspace: Workspace) -> Event:
    with open_marts(workspace.marts) as connection:
        found = connection.execute(OPEN_RUNAWAYS).fetchall()
    facts = {
        fact_of(axis, entity, f"{source}/{key}"): outside(
            _runaway(workspace, axis, entity, source, key, *rest)
        )
        for axis, entity, source, key, *rest in found
    }
    return Event(RUNAWAY, RUNAWAYS, facts, HOURS)


def fact_of(axis: str, entity: str, key: str) -> str:
    """What is told once; who a user is is kept nowhere beside the marts."""
    return f"a user of {key}" if axis == "user" else f"{axis} {entity}"


def _runaway(
    workspace: Workspace,
    axis: str,
    entity: str,
    source: str,
    key: str,
    team: str,
    since: datetime,
    so_far: Decimal | None,
    by_morning: Decimal | None,
    unpriced: int,
) -> str:
    """Without who the user is."""
    who = "a user" if axis == "user" else f"{axis} {entity}"
    money = (
        f"{so_far:,.2f} {workspace.currency} above what is usual, {by_morning:,.2f} by morning"
        if so_far is not None and by_morning is not None
        else "what it costs is unknown"
    )
    more = f"; {unpriced} of its requests have no price" if unpriced else ""
    whose = "of no known team" if team == NOBODY else f"team {team}"
    return f"{who}: since {since:%Y-%m-%d %H:%M} UTC {money}{more}; {whose}, key {source}/{key}"


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
