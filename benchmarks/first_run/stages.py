"""The parts of a told run under the names of the stages of docs/performance.md."""

from collections import defaultdict
from pathlib import Path
from typing import Final

from benchmarks.told_run import BUILD, START, Parts

PROJECT: Final = Path(__file__).parents[2] / "dbt_project"
READING: Final = "reading"
REQUESTS: Final = "models of requests and cells"
MONTHS: Final = "models of bills and months"
MARTS: Final = "marts"
TESTS: Final = "tests of the data"
AROUND: Final = "dbt around its models"
LOAD: Final = "load warehouse"
PUBLISH: Final = "publish"
EXPORTS: Final = "exports"
BEFORE: Final = "start: imports, definitions"
TABLES: Final = "landing's tables, prices"
AFTER: Final = "checks, verdict"
STAGES: Final = (
    *(BEFORE, READING, TABLES, REQUESTS, MONTHS, MARTS, TESTS, AROUND, PUBLISH, EXPORTS, AFTER),
)
# From the landing to the day files and cells.
REQUEST_ROOMS: Final = frozenset(
    ("staging", "prices", "requests", "rating", "days", "cells", "built")
)


def by_stage(parts: Parts) -> dict[str, float]:
    """Stage -> CPU seconds, every stage of STAGES; their sum is that of the parts."""
    rooms = _rooms()
    stages: defaultdict[str, float] = defaultdict(float, dict.fromkeys(STAGES, 0.0))
    for step, of_step in parts.items():
        for part, seconds in of_step.items():
            stages[_stage(step, part, rooms)] += seconds
    return dict(stages)


def _stage(step: str, part: str, rooms: dict[str, str]) -> str:
    if step == BUILD:
        room = rooms.get(part)
        if not part:
            return AROUND
        if room in REQUEST_ROOMS:
            return REQUESTS
        # what stands in no file of the models is a test
        return TESTS if room is None else MARTS if room == "marts" else MONTHS
    if step.startswith("read "):
        return READING
    if step.startswith("export"):
        return EXPORTS
    return {START: BEFORE, LOAD: TABLES, PUBLISH: PUBLISH}.get(step, AFTER)


def _rooms() -> dict[str, str]:
    """Model -> its folder."""
    models = PROJECT / "models"
    return {file.stem: file.relative_to(models).parts[0] for file in models.rglob("*.sql")}
