"""How much memory a run may use, as tollbook.yaml says it: a size, or a part of the machine's."""

import os
import re
from pathlib import Path
from typing import Final

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
