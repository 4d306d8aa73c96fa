"""What any storage says of an object, and what it gives."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    name: str
    size: int
    version: str | None  # None where only reading tells it
    modified: datetime


@dataclass(frozen=True, slots=True)
class Content:
    data: bytes
    version: str
