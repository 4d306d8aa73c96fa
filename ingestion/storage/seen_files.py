"""Local files whose version is known by what a listing says of them, without reading them again.

What is noted can be deleted any time: then every file is read, and equal content is nothing new.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from ingestion.storage.stored import ObjectInfo

# Coarser than the clock of any file system that we know: a file that was written so lately may be
# written again without another time.
YOUNG: Final = timedelta(seconds=2)


class _Seen(msgspec.Struct, frozen=True, array_like=True):
    identity: str
    size: int
    version: str


class SeenFiles:
    """The files of one source; without a `note` none is ever known."""

    def __init__(self, note: Path | None = None) -> None:
        self._note = note
        self._seen = _read(note) if note else {}

    def versioned(self, listed: Iterable[ObjectInfo]) -> list[ObjectInfo]:
        """With the version of each file that is as it was when that version was read."""
        return [self._with_version(info) for info in listed]

    def _with_version(self, info: ObjectInfo) -> ObjectInfo:
        seen = self._seen.get(info.name)
        if info.version is not None or seen is None:
            return info
        same = (info.identity, info.size) == (seen.identity, seen.size)
        return replace(info, version=seen.version) if same else info

    def keep(self, listed: Iterable[ObjectInfo], versions: Mapping[str, str]) -> None:
        """Notes files as they were listed, of those whose version was read after that."""
        if self._note is None:
            return
        moment_ago = datetime.now(UTC) - YOUNG
        seen = {
            info.name: _Seen(info.identity, info.size, versions[info.name])
            for info in listed
            # a version that listing tells needs no note, a file without a name on disk has none
            if info.name in versions and info.identity and info.changed < moment_ago
        }
        if seen == self._seen:
            return
        temporary = self._note.with_name(f".{secrets.token_hex(8)}.tmp")
        temporary.write_bytes(msgspec.json.encode(seen, order="sorted"))
        temporary.replace(self._note)


def _read(note: Path) -> dict[str, _Seen]:
    try:
        return msgspec.json.decode(note.read_bytes(), type=dict[str, _Seen])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}


NONE_SEEN: Final = SeenFiles()
