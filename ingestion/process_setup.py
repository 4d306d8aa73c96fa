"""What a process does without: frequent collections of garbage, modules that nobody asked for, an
allocator that keeps what it was given.
"""

import atexit
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any, Final

# Python looks at every 700 objects more: a tenth of a small run, for dbt and Dagster make millions
# that live to its end, and a sixth of reading a log, whose records wait for others of their kind.
OBJECTS_PER_COLLECTION: Final = 100_000
# More than a small run makes: to look through 2 million that stay is a twentieth of it, and finds
# garbage of 20 MB.
OBJECTS_OF_A_RUN: Final = 3_000_000


def collect_rarely(objects: int = OBJECTS_PER_COLLECTION) -> None:
    """Garbage that refers to itself, to the end of the process, and no oftener than before.

    To go back looks through all of it once more.
    """
    threshold, *older = gc.get_threshold()
    gc.set_threshold(max(threshold, objects), *older)


@contextmanager
def reading() -> Iterator[None]:
    """As in `prepare_reader`, for a while, in a process that others may need as it was."""
    import pyarrow as pa

    thresholds, memory = gc.get_threshold(), pa.default_memory_pool()
    collect_rarely()
    _take_memory_of_the_system()
    try:
        yield
    finally:
        pa.set_memory_pool(memory)
        pa.system_memory_pool().release_unused()
        gc.set_threshold(*thresholds)


def _take_memory_of_the_system() -> None:
    """Arrow's own allocator has large pages, each of which is cleared for its first byte, and keeps
    them: a log's columns are smaller, and soon written.
    """
    import pyarrow as pa

    pa.set_memory_pool(pa.system_memory_pool())


# Arrow's own ways to object stores, which Parquet imports: objects are opened elsewhere.
_STORES: Final = tuple(f"pyarrow._{store}" for store in ("s3fs", "gcsfs", "azurefs", "hdfs"))


class _Absent(MetaPathFinder):
    """Of modules that Arrow imports wherever they are installed, for a question nobody asked."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if fullname in self._names:
            raise ModuleNotFoundError("nobody asked for it", name=fullname)
        return None


@contextmanager
def _without(*names: str) -> Iterator[None]:
    """Whoever imports them afterwards gets them."""
    absent = _Absent(names)
    sys.meta_path.insert(0, absent)
    try:
        yield
    finally:
        sys.meta_path.remove(absent)


def prepare_reader() -> None:
    """A process that does nothing but read chunks needs no array of numpy, whose import is a fifth
    of its start. Asked of it before anything else has imported Arrow.
    """
    with _without("numpy", "pandas", *_STORES):
        import pyarrow as pa
        import pyarrow.compute
        import pyarrow.parquet

        _ask(pa)
    collect_rarely()
    _take_memory_of_the_system()


def prepare_worker() -> None:
    """A reader that ends with its last chunk, and takes nothing apart then: a tenth of its start.

    What it made was handed over or is on disk by then.
    """
    prepare_reader()
    atexit.register(os._exit, 0)


def without_pandas() -> None:
    """Arrow imports it, half a CPU second, at the first list, to see whether that is a series.

    Whoever asks Arrow for a frame of pandas afterwards still gets one.
    """
    if "pandas" in sys.modules:
        return
    with _without("pandas"):
        import pyarrow as pa

        _ask(pa)


def _ask(pa: Any) -> None:
    """What makes Arrow look for pandas: a list, and, where there is no numpy, a time in a zone."""
    pa.array([])
    pa.scalar(0, pa.timestamp("us", "UTC")).as_py()
