"""How the last read of each source ended: `.tollbook/sources/<name>.json`.

The warehouse's `landing.sources`, the verdict and the sensor read it.
"""

import os
from pathlib import Path
from typing import Final

import msgspec

from ingestion.storage.seen_files import NONE_SEEN, SeenFiles
from ingestion.workspace.settings import CONTENT, Workspace
from ingestion.workspace.sources import Bill, Gateway
from orchestration.running.working_folder import working_folder

FOLDER: Final = "sources"
# What stands for the reference data. No source can be named so: names start with a letter or digit.
REFERENCE_STATE: Final = "_reference"


class SourceState(msgspec.Struct, frozen=True):
    """`seen` is the fingerprint of the listing that was read, but for `unopened` objects of it;
    `recent` is that of its objects whose names sort after `after`.
    """

    name: str
    status: str  # ok, failed or unread
    message: str = ""
    seen: str = ""
    unopened: int = 0
    after: str = ""
    recent: str = ""

    @property
    def failed(self) -> bool:
        """Also where it was never read: what is not known to be complete is not."""
        return self.status != "ok"


def sources_of(workspace: Workspace) -> tuple[Gateway | Bill, ...]:
    return (*workspace.gateways, *workspace.bills)


def no_objects(gateway: Gateway) -> str:
    """The warning of a gateway that lists nothing."""
    return f"{gateway.name}: no objects below {gateway.location}: is the location right?"


def write_state(workspace: Workspace, state: SourceState) -> None:
    target = _file(working_folder(workspace, FOLDER), state.name)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    temporary.write_bytes(msgspec.json.encode(state))
    temporary.replace(target)


def read_states(workspace: Workspace) -> dict[str, SourceState]:
    """One state per configured source; a source that was never read counts as failed."""
    return {source.name: stored_state(workspace, source.name) for source in sources_of(workspace)}


def failed_sources(workspace: Workspace) -> dict[str, str]:
    """Name -> message of the sources whose last read failed."""
    states = read_states(workspace)
    return {name: state.message for name, state in sorted(states.items()) if state.failed}


def failures(workspace: Workspace) -> list[str]:
    """One sentence for each source whose last read failed."""
    failed = failed_sources(workspace)
    return [f"source {name} could not be read: {message}" for name, message in failed.items()]


def seen_files(workspace: Workspace, name: str) -> SeenFiles:
    """What is known of a source's files without reading them; nothing where the settings say so."""
    if workspace.fingerprints == CONTENT:
        return NONE_SEEN
    return SeenFiles(working_folder(workspace, "seen") / f"{name}.json")


def stored_state(workspace: Workspace, name: str) -> SourceState:
    """The state that was written last under a name."""
    folder = workspace.file.parent / ".tollbook" / FOLDER
    try:
        return msgspec.json.decode(_file(folder, name).read_bytes(), type=SourceState)
    except (OSError, msgspec.DecodeError):
        return SourceState(name, "unread", "not read yet: run `tollbook run`")


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.json"
