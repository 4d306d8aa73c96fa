"""What any storage says of an object, and what it gives."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """`identity` is the same as long as nobody writes the object: its version, where listing tells
    it, else a file's inode and times. `changed` is the younger of a file's times.
    """

    name: str
    size: int
    version: str | None  # None where only reading tells it
    modified: datetime
    identity: str
    changed: datetime


@dataclass(frozen=True, slots=True)
class Content:
    data: bytes
    version: str
