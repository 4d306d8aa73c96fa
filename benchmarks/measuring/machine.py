"""The machine of a measurement, by what decides its numbers; never by its name."""

import os
import platform
from importlib.metadata import version
from pathlib import Path


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    versions = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "dagster", "dbt-core"))
    return (
        f"{os.cpu_count()} cores ({processor()}), {memory / 2**30:.0f} GB,"
        f" Python {platform.python_version()}, {versions}"
    )


def processor() -> str:
    """Its name where the system tells it (Linux), else the kind of machine."""
    told = Path("/proc/cpuinfo")
    if told.exists():
        for line in told.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
