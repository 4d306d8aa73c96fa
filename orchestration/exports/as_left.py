"""Which files of months are still as they left: read once, then told by their listing.

A year of two hundred teams is thousands of files; a run that has something new reads none of them.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from ingestion.storage.objects import Storage
from ingestion.storage.seen_files import YOUNG
from ingestion.storage.stored import ObjectInfo
from ingestion.workspace.settings import CONTENT, Workspace
from orchestration.running.working_folder import working_folder

FILE: Final = "seen_exports.json"


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """A file's hash when it was listed so."""

    sha256: str
    listed: str


class FilesAsLeft:
    """The note can be deleted any time: then all are read again."""

    def __init__(self, workspace: Workspace) -> None:
        self._note = working_folder(workspace) / FILE
        self._reads = workspace.fingerprints == CONTENT
        try:
            self._known = msgspec.json.decode(self._note.read_bytes(), type=dict[str, Seen])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            self._known = {}
        self._before = dict(self._known)

    def hold(self, folder: Storage, left: Mapping[str, str]) -> bool:
        """Whether all that left is there; `left`: name -> SHA-256."""
        there = {info.name: info for info in folder.list(may_be_missing=True)}
        if not left.keys() <= there.keys():
            return False
        unread = [name for name in left if self._sha256(folder, there[name]) is None]
        for name, content in folder.get_many(unread):
            sha256 = hashlib.sha256(content.data).hexdigest()
            self._known[_place(folder, name)] = Seen(sha256, _listed(there[name]))
        return all(self._known[_place(folder, name)].sha256 == left[name] for name in left)

    def _sha256(self, folder: Storage, info: ObjectInfo) -> str | None:
        """As it was read; None where it is to be read: it is new, another one, or so young that it
        may be written again within a tick of its clock."""
        known = self._known.get(_place(folder, info.name))
        young = info.version is None and info.changed > datetime.now(UTC) - YOUNG
        again = young or (self._reads and info.version is None)
        return known.sha256 if known and known.listed == _listed(info) and not again else None

    def save(self) -> None:
        if self._known != self._before:
            temporary = self._note.with_suffix(".tmp")
            temporary.write_bytes(msgspec.json.encode(self._known, order="sorted"))
            temporary.replace(self._note)


def _place(folder: Storage, name: str) -> str:
    return f"{folder.location}/{name}"


def _listed(info: ObjectInfo) -> str:
    return f"{info.size} {info.identity}"
