"""How many processes may read at once: each holds a chunk's rows, and the machine has an end."""

import os
from pathlib import Path
from typing import Final

# What a process holds that reads a chunk: its bytes, its rows as columns, its files.
A_WORKER: Final = 640 * 2**20
# What a container may use, by either version of control groups.
CGROUPS: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def most_workers() -> int:
    """As many as there are cores, two at least, in half of the memory; one always."""
    return max(1, min(max(2, os.cpu_count() or 2), usable_memory() // 2 // A_WORKER))


def usable_memory() -> int:
    """Bytes: of the container, else of the machine."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *(limit for file in CGROUPS if (limit := _limit(file)))])


def _limit(file: Path) -> int | None:
    try:
        said = file.read_text().strip()
    except OSError:
        return None
    return int(said) if said.isdecimal() else None
