"""What a reader hands to the landing: rows of a contract, and what it could not read."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reject:
    """One record that could not become a row: where it stands and why, never what it says."""

    record_no: int
    reason: str
    field: str | None = None
    offset: int | None = None
    length: int | None = None
    hash: str | None = None


@dataclass(slots=True)
class Parsed:
    """One object, read. `records` is counted before parsing: it is rows' records plus rejects."""

    records: int
    rows: dict[str, list[Row]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)


class SourceError(Exception):
    """A source that cannot be read as a whole; the message says what, where and what to do."""


def content_hash(row: Row) -> str:
    """Hash of a row's content, the same whatever object or position it was read from."""
    canonical = repr(sorted((key, value) for key, value in row.items() if key != "record_no"))
    return hashlib.blake2b(canonical.encode(), digest_size=16).hexdigest()
