"""Between runs: is anything of what has just been logged out of line?

It lands what is new, as the next run would, and builds nothing: what it compares with is the
limits that the last run published.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

import msgspec

from ingestion.landing.landing import open_landing
from ingestion.records import SourceError
from ingestion.workspace.sections.notifications import RUNAWAY
from ingestion.workspace.settings import Workspace
from orchestration.notifying.events import Event, outside
from orchestration.notifying.found import HOURS, RUNAWAYS, fact_of
from orchestration.notifying.notify import notify
from orchestration.publishing.marts import open_marts
from orchestration.running.listings import fingerprint
from orchestration.running.lock import if_free
from orchestration.running.working_folder import WORKING, lock_file, working_folder
from orchestration.watching.compared import OverHour, hours_over
from orchestration.watching.new_use import land_new, unbuilt_use, watched

FILE: Final = "watch.json"


def new_objects(workspace: Workspace) -> list[str]:
    """Gateways that list something else than at the last look."""
    seen = _seen(workspace)
    return [name for name, found in _listed(workspace).items() if seen.get(name) != found]


def watch(workspace: Workspace, told: Callable[[str], object]) -> list[OverHour]:
    """What is out of line now; told where tollbook.yaml says, once. Nothing while a run is at work,
    which looks itself.
    """
    with if_free(lock_file(workspace.warehouse)) as free:
        if not free:
            told("a run is at work, or none ever was: it looks itself")
            return []
        listed = _listed(workspace)
        landing = open_landing(workspace.landing)
        new = land_new(workspace, landing, told)
        with open_marts(workspace.marts) as connection:
            found = hours_over(connection, workspace, unbuilt_use(workspace, landing))
        told(f"{new} new or changed objects, {len(found)} out of line")
        for each in found:
            told(sentence(workspace, each))
        facts = {
            fact_of(each.axis, each.entity, each.key): _leaving(workspace, each) for each in found
        }
        for problem in notify(workspace, [Event(RUNAWAY, RUNAWAYS, facts, HOURS)]):
            told(problem)
        _note(workspace, listed)
    return found


def sentence(workspace: Workspace, over: OverHour, who: str = "") -> str:
    """Where money is not known it says so, and never 0."""
    whole = over.hour.strftime("%Y-%m-%d %H:%M")
    if over.measure == "list_cost":
        what = f"{_cents(over.amount)} {workspace.currency} at list price"
        limits = f"out of line from {_cents(over.limit)} on"
        if over.usual is not None:
            limits += f", usual {_cents(over.usual)}"
    else:
        what = f"{over.amount:.0f} {over.measure.replace('_', ' ')}, what they cost is unknown"
        limits = f"out of line from {over.limit:.0f} on"
    if over.measure == "list_cost" and over.unpriced_requests:
        limits += f"; {over.unpriced_requests} requests more have no price"
    team = f"team {over.team}" if over.team else "of no known team"
    who = who or f"{over.axis} {over.entity}"
    return f"{who}: {what} in the hour from {whole} UTC, {limits}; {team}, key {over.key}"


def _leaving(workspace: Workspace, over: OverHour) -> str:
    """Without who the user is."""
    return outside(sentence(workspace, over, "a user" if over.axis == "user" else ""))


def _cents(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _listed(workspace: Workspace) -> dict[str, str]:
    found = {}
    for gateway in watched(workspace):
        try:
            found[gateway.name] = fingerprint(workspace, gateway.location)
        except SourceError as error:
            found[gateway.name] = f"unreadable: {error}"
    return found


def _seen(workspace: Workspace) -> dict[str, str]:
    try:
        data = (workspace.file.parent / WORKING / FILE).read_bytes()
        return msgspec.json.decode(data, type=dict[str, str])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}


def _note(workspace: Workspace, listed: dict[str, str]) -> None:
    target = working_folder(workspace) / FILE
    temporary = target.with_suffix(".tmp")
    temporary.write_bytes(msgspec.json.encode(listed))
    temporary.replace(target)
