"""A run of a workspace as `tollbook run` does it, which says at its end what CPU each part took.

    python -m benchmarks.told_run WORKSPACE

A step of Dagster is one part, but the build of the models, which is one part for each model and
test. dbt has two threads, so what two models did at once counts for the one that ended first.
"""

import json
import resource
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ingestion.workspace.settings import load_workspace

BUILD: Final = "build models"
START: Final = "start"
MARK: Final = "told by benchmarks.told_run: "
Parts = dict[str, dict[str, float]]


class Stopwatch:
    """A display that shows nothing, and sees every step and model go by."""

    def __init__(self) -> None:
        self.parts: defaultdict[str, defaultdict[str, float]] = defaultdict(
            lambda: defaultdict(float)
        )
        self._step = START
        self._since = 0.0

    def say(self, text: str) -> None: ...

    def step(self, place: str, name: str) -> None:
        self.end("")
        self._step = name

    def count(self, done: int, total: int, last: str) -> None:
        # what dbt does before its first model, a view, is no model's
        self.end(last if self._step == BUILD and done > 1 else "")

    def end(self, part: str) -> None:
        """What was spent since the last part belongs to this one of the step."""
        now = cpu_seconds()
        self.parts[self._step][part] += now - self._since
        self._since = now


def cpu_seconds() -> float:
    """Of this process and of the children that ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def parts_of(output: str) -> Parts:
    """Step -> model or test -> CPU seconds, from what a told run printed."""
    [line] = [line for line in output.splitlines() if line.startswith(MARK)]
    parts: Parts = json.loads(line.removeprefix(MARK))
    return parts


def main(folder: Path) -> int:
    from orchestration.run_process import prepare_run

    # as the command does, before dbt is imported
    prepare_run()
    from orchestration.asset_keys import RUN
    from orchestration.execution import execute_job

    stopwatch = Stopwatch()

    @contextmanager
    def shown() -> Iterator[Stopwatch]:
        yield stopwatch

    outcome = execute_job(load_workspace(folder), RUN, display=shown)
    stopwatch.end("")
    for problem in outcome.problems:
        print(problem, file=sys.stderr)
    print(f"\n{MARK}{json.dumps(stopwatch.parts)}")
    return int(bool(outcome.problems))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
