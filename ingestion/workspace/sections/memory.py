"""How much memory a run may use, as tollbook.yaml says it: a size, or a part of the machine's.

And what a process does without: frequent collections, modules that nobody asked for.
"""

import gc
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, Final

DEFAULT_MEMORY: Final = "50%"
ADVICE: Final = "write a size like 4GB, of at least 256MB, or a part of the machine like 50%"
_SIZE: Final = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?([MGT])(i?)B", re.IGNORECASE)
_PERCENT: Final = re.compile(r"([0-9]{1,2}(?:\.[0-9])?)%")
_POWERS: Final = {"M": 2, "G": 3, "T": 4}
# Below it not even an empty warehouse is built.
LEAST: Final = 256 * 1000**2
# Of the group of processes that this one is in, version 2 and version 1.
CGROUP_LIMITS: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
# Python looks at every 700 objects more: a tenth of a small run, for dbt and Dagster make millions
# that live to its end, and a sixth of reading a log, whose records wait for others of their kind.
OBJECTS_PER_COLLECTION: Final = 100_000


def memory_bytes(limit: str, machine: int) -> int | None:
    """Of a machine with so many bytes; None where the text is no limit."""
    if percent := _PERCENT.fullmatch(limit):
        return int(machine * float(percent[1]) / 100) if float(percent[1]) > 0 else None
    if size := _SIZE.fullmatch(limit):
        number, letter, binary = size.groups()
        count = int(float(number) * (1024 if binary else 1000) ** _POWERS[letter.upper()])
        return count if count >= LEAST else None
    return None


def usable_memory() -> int:
    """Bytes of the machine, or fewer where a container has less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *_group_limits()])


def _group_limits() -> list[int]:
    found = []
    for file in CGROUP_LIMITS:
        try:
            text = file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        if text.isdigit() and int(text) > 0:
            found.append(int(text))
    return found


def collect_rarely() -> None:
    """Garbage that refers to itself, to the end of the process.

    To go back looks through all of it once more.
    """
    gc.set_threshold(OBJECTS_PER_COLLECTION, *gc.get_threshold()[1:])


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """For a while, in a process that others may need as it was."""
    thresholds = gc.get_threshold()
    collect_rarely()
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


class _Without(MetaPathFinder):
    """Of modules that Arrow imports wherever they are installed, for a question nobody asked."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if fullname in self._names:
            raise ModuleNotFoundError("nobody asked for it", name=fullname)
        return None


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Whoever imports them afterwards gets them."""
    absent = _Without(names)
    sys.meta_path.insert(0, absent)
    try:
        yield
    finally:
        sys.meta_path.remove(absent)


def prepare_reader() -> None:
    """A process that does nothing but read chunks needs no array of numpy, whose import is a fifth
    of its start. Asked of it before anything else has imported Arrow.
    """
    with without("numpy", "pandas"):
        import pyarrow as pa
        import pyarrow.compute
        import pyarrow.parquet

        pa.array([])
    collect_rarely()
