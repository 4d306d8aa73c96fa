"""Files whose bytes are those that were written: compared with a recorded hash when a run first
uses them, and again after any change of their inode, size or times.
"""

import hashlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

PRIVATE: Final = 0o600


class Verified(msgspec.Struct, frozen=True, array_like=True):
    """A file as it was when its bytes had this hash; times in nanoseconds."""

    sha256: str
    inode: int
    size: int
    modified: int
    changed: int


class VerifiedFiles:
    """Files below a folder, by relative path. What was compared is remembered in `note`, which can
    be deleted any time: then all are compared again."""

    def __init__(self, folder: Path, note: Path) -> None:
        self._folder, self._note = folder, note
        self._known = _read(note)
        self._before = dict(self._known)

    def differing(self, expected: Mapping[str, str]) -> list[str]:
        """Paths that are missing or whose bytes have not the expected SHA-256, in their order."""
        return [path for path, sha256 in expected.items() if not self._holds(path, sha256)]

    def recorded(self, path: str) -> str | None:
        """The SHA-256 that `record` noted for a path."""
        known = self._known.get(path)
        return known.sha256 if known else None

    def record(self, path: str) -> None:
        """Notes a file that was just written."""
        self._known[path] = _verified(self._folder / path)

    def save(self) -> None:
        """Writes the note, without files that are gone."""
        known = {path: each for path, each in self._known.items() if (self._folder / path).exists()}
        if known == self._before:
            return
        self._note.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._note.with_name(f".{secrets.token_hex(8)}.tmp")
        temporary.write_bytes(msgspec.json.encode(known, order="sorted"))
        temporary.chmod(PRIVATE)
        temporary.replace(self._note)

    def _holds(self, path: str, sha256: str) -> bool:
        file = self._folder / path
        known = self._known.get(path)
        try:
            if known is None or known.sha256 != sha256 or not _unchanged(known, file.stat()):
                known = self._known[path] = _verified(file)
        except OSError:
            self._known.pop(path, None)
            return False
        return known.sha256 == sha256


def _unchanged(known: Verified, status: os.stat_result) -> bool:
    return known == Verified(known.sha256, *_facts(status))


def _verified(file: Path) -> Verified:
    with file.open("rb") as opened:
        # of the file that is read, should another take its name meanwhile
        status = os.fstat(opened.fileno())
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return Verified(digest, *_facts(status))


def _facts(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _read(note: Path) -> dict[str, Verified]:
    try:
        return msgspec.json.decode(note.read_bytes(), type=dict[str, Verified])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}
