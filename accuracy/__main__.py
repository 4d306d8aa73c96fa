"""Measures every fault and writes docs/accuracy.md; ends with status 1 where one is not found."""

import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path

from accuracy.cases import Result, run_cases
from accuracy.measure import Bench
from accuracy.report import page, percent
from simulation.faults.company import SEED
from simulation.faults.every_fault import (
    ALL_TOGETHER,
    CLOUD_FAULTS,
    CLOUDS,
    FAULTS,
    FOCUS_CLOUDS,
    STRESSES,
)

PAGE = Path(__file__).parents[1] / "docs" / "accuracy.md"


def main() -> None:
    parser = ArgumentParser(prog="python -m accuracy", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--page", type=Path, default=PAGE, help="where to write it")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tollbook-accuracy-") as folder:
        bench = Bench(Path(folder) / "company")
        cases = (*FAULTS, ALL_TOGETHER, *STRESSES)
        results = _told(run_cases(cases, bench, arguments.seed), len(cases))
        cases = (*CLOUD_FAULTS, ALL_TOGETHER)
        in_clouds = _told(run_cases(cases, bench, arguments.seed, CLOUDS), len(cases))
        cases = (ALL_TOGETHER,)
        as_focus = _told(run_cases(cases, bench, arguments.seed, FOCUS_CLOUDS), len(cases))
    arguments.page.write_text(page(results, in_clouds, as_focus, arguments.seed))
    wrong = [
        each.case
        for each in (*results, *in_clouds, *as_focus)
        if not (each.conserved if each.case in STRESSES else each.is_right)
    ]
    sys.exit(f"not found where they should be: {', '.join(wrong)}" if wrong else 0)


def _told(results: Iterable[Result], cases: int) -> list[Result]:
    """All of them, each named when it is there."""
    found: list[Result] = []
    for result in results:
        found.append(result)
        name = result.case or "no fault"
        joint = f"joint {percent(result.joint)}" if result.published else "nothing published"
        print(f"{len(found)} of {cases + 1}: {name}, {joint}")
    return found


if __name__ == "__main__":
    main()
