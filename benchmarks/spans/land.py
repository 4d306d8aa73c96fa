"""Lands one folder of spans: a process measures it.

    python -m benchmarks.spans.land FOLDER LANDING

prints CPU seconds without imports, records, requests and what cannot be read.
"""

import json
import sys

from benchmarks.told_run import cpu_seconds
from ingestion.landing.landing import open_landing
from ingestion.landing.loading import load_gateway
from ingestion.workspace.sources import Gateway


def main(folder: str, location: str) -> None:
    before = cpu_seconds()
    result = load_gateway(Gateway("app", "otel", folder, {}), open_landing(location))
    told = {"records": result.records, "landed": result.landed, "unread": result.quarantined}
    print(json.dumps({"cpu": cpu_seconds() - before, **told}))


if __name__ == "__main__":
    main(*sys.argv[1:])
