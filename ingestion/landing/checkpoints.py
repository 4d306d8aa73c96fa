"""Batch lists as one object, so that a run does not read every list that was ever written.

    landing/batches/<number>.checkpoint

holds the lists up to that number, and is used only where the list of that number is the one that it
was made of. It can be deleted any time: then the lists are read.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import zstandard

from ingestion.landing.batches import Batch
from ingestion.records import SourceError
from ingestion.storage.objects import Storage

ENDING: Final = ".checkpoint"
# So many lists are read one by one before they become one object.
LISTS: Final = 64


class Checkpoint(msgspec.Struct, frozen=True):
    """`last` is the SHA-256 of the bytes of the newest list that it holds."""

    last: str
    batches: list[Batch]


def read_checkpoint(lists: Storage, names: Iterable[str], newest: int) -> list[Batch]:
    """The batches of the newest checkpoint of lists up to `newest`; none where it does not fit."""
    numbers = [number for name in names if 0 < (number := checkpoint_number(name)) <= newest]
    if not numbers:
        return []
    number = max(numbers)
    try:
        data = zstandard.decompress(lists.get(f"{number}{ENDING}").data)
        checkpoint = msgspec.json.decode(data, type=Checkpoint)
        last = hashlib.sha256(lists.get(str(number)).data).hexdigest()
    except (SourceError, zstandard.ZstdError, msgspec.DecodeError, UnicodeDecodeError):
        return []
    held = [batch.batch for batch in checkpoint.batches]
    fits = last == checkpoint.last and held == list(range(1, number + 1))
    return checkpoint.batches if fits else []


def write_checkpoint(lists: Storage, batches: Sequence[Batch]) -> None:
    """Holds all of the batches, and replaces the checkpoints before it."""
    number = len(batches)
    last = hashlib.sha256(lists.get(str(number)).data).hexdigest()
    data = msgspec.json.encode(Checkpoint(last, list(batches)))
    older = [info.name for info in lists.list() if 0 < checkpoint_number(info.name) < number]
    lists.put(f"{number}{ENDING}", zstandard.compress(data))
    for name in older:
        lists.delete(name)


def checkpoint_number(name: str) -> int:
    """0 of what is no checkpoint."""
    number, ending, rest = name.partition(ENDING)
    return int(number) if ending and not rest and number.isdecimal() else 0
