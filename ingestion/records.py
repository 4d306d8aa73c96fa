"""What a reader hands to the landing: rows of a contract, and what it could not read."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Any, Final, Literal

import msgspec
import pyarrow as pa

from ingestion.contracts import LINEAGE, REQUESTS
from ingestion.known_errors import KnownError

Row = dict[str, Any]
# A record; all from there to the object's end; the object.
Extent = Literal["record", "rest", "object"]

# What a request's row says. Its key and id are left out, because a log without ids makes them from
# the record's place; the key stands beside the hash wherever rows are compared.
# The hash must not depend on the landing's key either.
_PLACE: Final = frozenset(
    (
        *("content_hash", "request_key", "request_id", "request_id_made", "unnamed_attributes"),
        *(f.name for f in LINEAGE),
    )
)
CONTENT: Final = tuple(name for name in REQUESTS.names if name not in _PLACE)
_VALUES: Final = itemgetter(*CONTENT)
# A request row of which nothing is known, in the order of the contract.
NO_REQUEST: Final[Row] = dict.fromkeys(REQUESTS.names)
_ENCODER: Final = msgspec.msgpack.Encoder()


@dataclass(frozen=True, slots=True)
class Reject:
    """One record that could not become a row: where it stands and why, never what it says.

    `extent` is what is lost with it: the record, or an unknown number more. `day` is the record's
    own UTC day, where that can be read.
    """

    record_no: int
    reason: str
    field: str | None = None
    offset: int | None = None
    length: int | None = None
    hash: str | None = None
    option: str | None = None
    value: str | None = None
    extent: Extent = "record"
    day: date | None = None


@dataclass(slots=True)
class Parsed:
    """One object, or a part of it, read. `records` is counted before parsing: it is rows' records
    plus rejects, and those that are `foreign`: of no AI service in a bill, no call of a model in a
    trace.

    `absent` are columns that the workspace names and no record of the object has. Requests stand in
    `rows`, or in `requests` as columns of the contract but for what the landing adds. So stands in
    `context` where a record stands in its trace; it lands beside the record and is none itself.
    """

    records: int
    rows: dict[str, list[Row]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    requests: list[pa.Table] = field(default_factory=list)
    context: list[pa.Table] = field(default_factory=list)
    foreign: int = 0


class SourceError(KnownError):
    """A source that cannot be read as a whole; the message says what, where and what to do."""


class MissingObject(SourceError):
    """One that is not there, as far as can be told: whoever may not look gets another error."""


class UnreadableObject(SourceError):
    """One object of a source that cannot be opened: the others still can."""


def content_hash(row: Row) -> str:
    """Hash of a request row's values, the same whatever object or position it was read from."""
    return hash_of_values(_VALUES(row if row.keys() >= NO_REQUEST.keys() else NO_REQUEST | row))


def hash_of_values(values: Sequence[Any]) -> str:
    """Of those of CONTENT, in its order."""
    try:
        # half the time of repr
        canonical = _ENCODER.encode(values)
    except (ValueError, OverflowError):
        # half a character, or a whole number beyond 64 bits
        canonical = repr(list(values)).encode()
    return hashlib.blake2b(canonical, digest_size=16).hexdigest()
