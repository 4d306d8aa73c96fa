"""What the last whole run read and left: a run that finds both as they were need not build.

`.tollbook/last_run.json`, written by a run's verdict while it holds the lock. No verdict depends on
the day at which it is spoken; what comes to depend on it belongs to what was read.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from ingestion.landing.landing import open_landing
from ingestion.records import SourceError
from ingestion.workspace.settings import Workspace
from orchestration.running.listings import fingerprint, own_fingerprint
from orchestration.running.release import release
from orchestration.running.source_states import (
    REFERENCE_STATE,
    read_states,
    sources_of,
    stored_state,
)
from orchestration.running.working_folder import (
    WORKING,
    requests_folder,
    working_folder,
)

FILE: Final = "last_run.json"


class LastRun(msgspec.Struct, frozen=True):
    """Name -> fingerprint: of `read` before the run read it, of `left` after it was written."""

    ended: str
    read: dict[str, str]
    left: dict[str, str]
    # how many batches the landing had
    batches: int = 0


def note_last_run(workspace: Workspace) -> None:
    """Notes a run that comes to its end; after one that could not read a source, or open an object
    of it, the next builds: it may be able to though nobody wrote the file.

    What it read is what its steps listed before they read it.
    """
    target = working_folder(workspace) / FILE
    states = {**read_states(workspace), REFERENCE_STATE: stored_state(workspace, REFERENCE_STATE)}
    if any(state.failed or state.unopened for state in states.values()):
        target.unlink(missing_ok=True)
        return
    seen = {name: state.seen for name, state in states.items()}
    ended = datetime.now(UTC).isoformat(timespec="seconds")
    batches = open_landing(workspace.landing).newest()
    last = LastRun(ended, {**seen, **_decided(workspace)}, _left(workspace), batches)
    temporary = target.with_suffix(".tmp")
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(last), indent=1))
    temporary.replace(target)


def last_run(workspace: Workspace) -> LastRun | None:
    try:
        data = (workspace.file.parent / WORKING / FILE).read_bytes()
        return msgspec.json.decode(data, type=LastRun)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def unchanged(workspace: Workspace) -> str:
    """The sentence for who asks where there is no news."""
    last = last_run(workspace)
    ended = f"the run of {last.ended}" if last else "the last run"
    return f"nothing is new since {ended}: what it left and said stands"


def news(workspace: Workspace) -> list[str]:
    """What is not as the last whole run read it or left it; empty where nothing is new."""
    last = last_run(workspace)
    if last is None:
        return ["no run here has read all there is"]
    asked = [
        *(bill.name for bill in workspace.bills if bill.api),
        *(gateway.name for gateway in workspace.gateways if gateway.database or gateway.api),
    ]
    limits = [source.name for source in sources_of(workspace) if source.limits_api]
    apis = [f"{name}, which is asked for" for name in asked]
    apis += [f"limits of {name}, which are asked for" for name in limits]
    try:
        now = {**_listed(workspace), **_decided(workspace)}
        return [*apis, *_differing(last.read, now), *_differing(last.left, _left(workspace))]
    except SourceError as error:
        return [str(error)]


def built(workspace: Workspace) -> list[str]:
    """What of warehouse and marts is not as the last whole run left it; empty where all is."""
    last = last_run(workspace)
    if last is None:
        return ["no whole run has read every source"]
    names = (workspace.warehouse.name, workspace.marts.name)
    now = _left(workspace)
    return [name for name in names if last.left.get(name) != now[name]]


def _differing(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    differing = [name for name in before.keys() | now.keys() if before.get(name) != now.get(name)]
    return sorted(name.lstrip("_") for name in differing)


def _listed(workspace: Workspace) -> dict[str, str]:
    locations = {source.name: source.location for source in sources_of(workspace)}
    locations[REFERENCE_STATE] = workspace.reference
    return {name: fingerprint(workspace, location) for name, location in locations.items()}


def _decided(workspace: Workspace) -> dict[str, str]:
    """By what was read: tollbook.yaml as it was loaded, and Tollbook itself."""
    return {"tollbook.yaml": _digest([repr(workspace)]), "Tollbook": release()}


def _left(workspace: Workspace) -> dict[str, str]:
    """The whole of what a run writes, so that whoever changes or removes any gets it back."""
    requests = str(requests_folder(workspace.marts))
    return {
        "landing": own_fingerprint(workspace.landing),
        workspace.warehouse.name: database_fingerprint(workspace.warehouse),
        workspace.marts.name: database_fingerprint(workspace.marts),
        Path(requests).name: own_fingerprint(requests),
        "exports": own_fingerprint(workspace.exports),
        "ledger": own_fingerprint(workspace.ledger),
    }


def database_fingerprint(database: Path) -> str:
    """Of a DuckDB file, and of what a program that was killed left to be written into it."""
    wal = database.with_name(f"{database.name}.wal")
    facts = []
    for file in (database, wal):
        if file.exists():
            status = file.stat()
            times = (status.st_mtime_ns, status.st_ctime_ns)
            facts.append(repr((file.name, status.st_ino, status.st_size, times)))
    return _digest(facts)


def _digest(facts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()
