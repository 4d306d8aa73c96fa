"""Which open months need no files anew: those made of what they were, whose files are as written.

What is noted of a month is always true: files with these hashes are what is made of that. So a note
that is older than the files, or a run that ends between both, costs a month's files and no more.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec

from ingestion.storage.objects import Storage
from ingestion.workspace.settings import Workspace
from orchestration.exports.as_left import FilesAsLeft
from orchestration.running.working_folder import working_folder

FILE: Final = "open_exports.json"


class Written(msgspec.Struct, frozen=True):
    """`files`: name -> SHA-256."""

    made_of: str
    files: dict[str, str]


class FilesAsWritten:
    """By month, wherever its folder is. The note may be deleted: then all are made anew."""

    def __init__(self, workspace: Workspace) -> None:
        self._note = working_folder(workspace) / FILE
        self._seen = FilesAsLeft(workspace)
        try:
            self._before = msgspec.json.decode(self._note.read_bytes(), type=dict[str, Written])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            self._before = {}
        self._now: dict[str, Written] = {}

    def of(self, month: str, folder: Storage, made_of: str) -> Mapping[str, str]:
        """The files in its folder, where they are what is made of that; else none."""
        written = self._before.get(month)
        if not (written and written.made_of == made_of and self._seen.hold(folder, written.files)):
            return {}
        self._now[month] = written
        return written.files

    def note(self, month: str, made_of: str, files: Mapping[str, bytes]) -> None:
        """After they were written."""
        hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        self._now[month] = Written(made_of, hashes)

    def save(self) -> None:
        self._seen.save()
        if self._now != self._before:
            temporary = self._note.with_suffix(".tmp")
            temporary.write_bytes(msgspec.json.encode(self._now, order="sorted"))
            temporary.replace(self._note)
