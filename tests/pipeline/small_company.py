"""The company of 500 requests that suites of several folders share."""

from pathlib import Path

from tests.once import made_once
from tests.pipeline.workspace_runs import run
from tests.pipeline.workspaces import simulated


def small_company(shared_folder: Path) -> Path:
    """18 days of two months, run once for all workers."""
    folder = shared_folder / "small"
    with made_once(folder) as missing:
        if missing:
            outcome = run(simulated(folder, 500, 11))
            assert outcome.status == 0, outcome.output
    return folder
