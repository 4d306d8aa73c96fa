"""Batch lists as one object, so that a run does not read every list that was ever written.

    landing/batches/<number>.checkpoint

holds the lists up to that number, and is used only where the list of that number is the one that it
was made of. The newest two stay. Lists that both of them hold go once they are a day old, but for
the one that the older was made of: nothing of what landed is lost with either of the two.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import zstandard

from ingestion.landing.batches import Batch
from ingestion.records import SourceError
from ingestion.storage.objects import Storage

ENDING: Final = ".checkpoint"
# So many lists are read one by one before they become one object.
LISTS: Final = 64
KEPT: Final = 2
# Long enough for whoever planned on a list, or listed it, to have come to an end.
LIST_AGE: Final = timedelta(days=1)
AT_ONCE: Final = 1_000  # lists that one run deletes


class Checkpoint(msgspec.Struct, frozen=True):
    """`last` is the SHA-256 of the bytes of the newest list that it holds."""

    last: str
    batches: list[Batch]


def read_checkpoint(lists: Storage, names: Iterable[str], newest: int) -> list[Batch]:
    """The batches of the newest checkpoint that fits, of lists up to `newest`; none without."""
    numbers = [number for name in names if 0 < (number := checkpoint_number(name)) <= newest]
    for number in sorted(numbers, reverse=True):
        if batches := _read(lists, number):
            return batches
    return []


def _read(lists: Storage, number: int) -> list[Batch]:
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
    """Holds all of the batches; of those before it the newest stays."""
    number = len(batches)
    last = hashlib.sha256(lists.get(str(number)).data).hexdigest()
    data = msgspec.json.encode(Checkpoint(last, list(batches)))
    lists.put(f"{number}{ENDING}", zstandard.compress(data))
    older = sorted(held for held in _checkpoints(lists) if held < number)
    for held in older[: 1 - KEPT]:
        lists.delete(f"{held}{ENDING}")


def delete_held(lists: Storage, now: datetime | None = None) -> int:
    """Deletes old lists that the newest two checkpoints hold, the oldest first; how many."""
    before = (now or datetime.now(UTC)) - LIST_AGE
    infos = list(lists.list())
    newest = max((int(info.name) for info in infos if info.name.isdecimal()), default=0)
    fitting = [each for each in _checkpoints(lists) if each <= newest and _read(lists, each)]
    if len(fitting) < KEPT:
        return 0
    held = sorted(fitting)[-KEPT]
    old = {int(i.name) for i in infos if i.name.isdecimal() and i.modified < before}
    gone = sorted(number for number in old if number < held)[:AT_ONCE]
    for number in gone:
        lists.delete(str(number))
    return len(gone)


def _checkpoints(lists: Storage) -> list[int]:
    return [number for info in lists.list() if (number := checkpoint_number(info.name))]


def checkpoint_number(name: str) -> int:
    """0 of what is no checkpoint."""
    number, ending, rest = name.partition(ENDING)
    return int(number) if ending and not rest and number.isdecimal() else 0
