"""How the last read of each source ended: `.tollbook/sources/<name>.json`.

The warehouse's `landing.sources`, the verdict and the sensor read it.
"""

import hashlib
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from ingestion.records import UnreadableObject
from ingestion.storage.objects import Storage, open_storage
from ingestion.storage.seen_files import NONE_SEEN, YOUNG, SeenFiles
from ingestion.storage.stored import ObjectInfo
from ingestion.workspace.settings import CONTENT, Bill, Gateway, Workspace
from orchestration.running.working_folder import working_folder

FOLDER: Final = "sources"
# What stands for the reference data. No source can be named so: names start with a letter or digit.
REFERENCE_STATE: Final = "_reference"


class SourceState(msgspec.Struct, frozen=True):
    """`seen` is the fingerprint of the listing that was read, but for `unopened` objects of it."""

    name: str
    status: str  # ok, failed or unread
    message: str = ""
    seen: str = ""
    unopened: int = 0

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


def fingerprint(
    workspace: Workspace, location: str, *, patient: bool = False, settled: bool = False
) -> str:
    """Of what is read from a location: changes when an object comes, goes or is written. Lists, and
    reads nothing but local files where the settings ask for their contents.

    A file that was written a moment ago may be written again within the same tick of its clock: it
    counts as another one once it is older, so that the next run looks again. Who is `patient`
    waits that moment, once; where we wrote all of it, it is `settled`.
    """
    read = workspace.fingerprints == CONTENT
    digest, young = _listed(location, read=read)
    if young and patient:
        time.sleep(YOUNG.total_seconds())
        digest, young = _listed(location, read=read)
    return f"{digest} young" if young and not settled else digest


def own_fingerprint(location: str) -> str:
    """Of what Tollbook wrote to a location, from its listing."""
    return _listed(location, read=False)[0]


def _listed(location: str, *, read: bool) -> tuple[str, bool]:
    """A hash of the listing, and whether a file of it was written just now."""
    storage = open_storage(location)
    moment_ago = datetime.now(UTC) - YOUNG
    digest, young = hashlib.sha256(), False
    for info in storage.list(may_be_missing=True):
        known = _version(storage, info) if read and info.version is None else info.identity
        digest.update(f"{info.name}\0{info.size}\0{known}\n".encode())
        young = young or (info.version is None and not read and info.changed > moment_ago)
    return digest.hexdigest(), young


def _version(storage: Storage, info: ObjectInfo) -> str:
    try:
        return storage.get(info.name).version
    except UnreadableObject as error:
        return str(error)
