"""Lands one gateway's log, with whatever release of Tollbook PYTHONPATH has: a process measures it.

    python benchmarks/reading/land.py WORKSPACE GATEWAY LANDING

prints CPU seconds without imports, and records.
"""

import json
import resource
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final

# Function -> the modules that had it, release by release.
PLACES: Final = {
    "load_workspace": ("ingestion.workspace.settings", "ingestion.workspace"),
    "Landing": ("ingestion.landing.landing", "ingestion.landing"),
    "open_storage": ("ingestion.storage.objects", "ingestion.storage"),
    "load_gateway": ("ingestion.landing.loading", "ingestion.loading"),
}


def found(name: str) -> Any:
    for place in PLACES[name]:
        try:
            return getattr(import_module(place), name)
        except (ImportError, AttributeError):
            continue
    raise LookupError(f"this release has no {name} in {' or '.join(PLACES[name])}")


def cpu_seconds() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def main(folder: str, name: str, location: str) -> None:
    load_workspace, landing, open_storage, load_gateway = map(found, PLACES)
    [gateway] = [each for each in load_workspace(Path(folder)).gateways if each.name == name]
    before = cpu_seconds()
    result = load_gateway(gateway, landing(open_storage(location)))
    print(json.dumps({"cpu": cpu_seconds() - before, "records": result.landed}))


if __name__ == "__main__":
    main(*sys.argv[1:])
