"""What one load added to the landing: `batches/<number>`, a JSON list of objects and files.

A batch exists once its list does. Numbers start at 1 and have no gaps.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

import msgspec

COMPACTION: Final = "compaction"
# Of what lands of attributes and free texts. Files of an earlier one are written again.
SHAPE: Final = 1


class LandedObject(msgspec.Struct, frozen=True, omit_defaults=True):
    """One object as it was read. records = landed + quarantined + foreign, counted in records, not
    rows."""

    object: str
    object_no: int
    version: str
    records: int
    landed: int
    quarantined: int
    hash: str
    # Bills only: hash of the object's rows, because what a page says may depend on other pages.
    rows_hash: str = ""
    # Gateways only: columns that tollbook.yaml names and no record of the object has.
    absent: list[str] = []
    # Bills of rows only: records of no AI service, and the months (their first days) that it says.
    foreign: int = 0
    months: list[str] = []


class LandedFile(msgspec.Struct, frozen=True):
    """One immutable Parquet file; `path` is relative to the landing."""

    table: str
    usage_date: str
    path: str
    rows: int
    sha256: str

    @property
    def source(self) -> str:
        return self.path.split("/")[1]


class Batch(msgspec.Struct, frozen=True):
    batch: int
    source: str
    kind: str  # gateway, counters, bill or compaction
    reader_version: str
    objects: list[LandedObject]
    files: list[LandedFile]
    replaces: list[str]  # paths of earlier files whose rows stand in `files` now
    # Hash of what decides how an object reads: an object read otherwise is read again.
    fingerprint: str = ""
    # SHA-256 of this list with an empty `sha256`; lists of earlier releases have none.
    sha256: str = ""
    attributes: int = 0  # the SHAPE of its files


@dataclass(frozen=True, slots=True)
class Plan:
    """What the landing held when a writer began, and the number its batch would get."""

    batches: list[Batch]

    @property
    def number(self) -> int:
        return len(self.batches) + 1

    def current(self, source: str, fingerprint: str | None = None) -> dict[str, LandedObject]:
        """Object -> its newest landed version; an object that vanished stays landed.

        With a fingerprint, only objects that were read last as it says.
        """
        newest = {
            landed.object: (landed, batch.fingerprint)
            for batch in self.batches
            if batch.source == source
            for landed in batch.objects
        }
        return {
            name: landed
            for name, (landed, read_as) in newest.items()
            if fingerprint is None or read_as == fingerprint
        }


def encode_batch(batch: Batch) -> bytes:
    """One line per object and file, so that a list can be read and compared by eye."""
    unsigned = _encoded(msgspec.structs.replace(batch, sha256=""))
    return _encoded(msgspec.structs.replace(batch, sha256=hashlib.sha256(unsigned).hexdigest()))


def decode_batch(data: bytes) -> Batch:
    """Raises ValueError where the list is not what was written."""
    batch = msgspec.json.decode(data, type=Batch)
    if batch.sha256:
        unsigned = data.replace(batch.sha256.encode(), b"", 1)
        if hashlib.sha256(unsigned).hexdigest() != batch.sha256:
            raise ValueError("is not what was written, its hash differs")
    return batch


def _encoded(batch: Batch) -> bytes:
    return msgspec.json.format(msgspec.json.encode(batch), indent=1)


def visible(batches: list[Batch]) -> dict[str, LandedFile]:
    """Path -> file that stands: every listed one that no later batch replaced."""
    files: dict[str, LandedFile] = {}
    for batch in batches:
        for path in batch.replaces:
            files.pop(path, None)
        files.update((file.path, file) for file in batch.files)
    return files


def file_shapes(batches: list[Batch]) -> dict[str, int]:
    """Path -> SHAPE under which its rows were written."""
    return {file.path: batch.attributes for batch in batches for file in batch.files}
