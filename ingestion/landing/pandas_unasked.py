"""Arrow without pandas, which it imports at the first list to see whether that is a series.

Half a CPU second of every process that reads, where pandas is installed for something else.
"""

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

import pyarrow as pa


def without_pandas() -> None:
    """For that question alone: whoever asks Arrow for a frame of pandas still gets one."""
    if "pandas" in sys.modules:
        return
    absent = _Absent()
    sys.meta_path.insert(0, absent)
    try:
        pa.array([])
    finally:
        sys.meta_path.remove(absent)


class _Absent(MetaPathFinder):
    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError("not now", name=fullname)
        return None
