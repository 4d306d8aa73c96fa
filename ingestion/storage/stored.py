"""What any storage says of an object, and what it gives."""

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO


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


@dataclass(frozen=True, slots=True)
class OpenedObject:
    """An object too large for memory: a file that can seek. `hash` is the content's, as landed
    objects have it, whatever the storage calls its versions."""

    file: BinaryIO
    version: str
    hash: str
