"""Simulated companies that the tests of the whole path share; copy one before changing it."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from workspace_runs import run

from simulation.company import simulate
from tests.once import made_once

Simulated = Callable[..., Path]
# Half of the second month: small, and closed months beside an open one.
REQUESTS, DAYS, SEED = 6000, 45, 11


@pytest.fixture(scope="session")
def simulated(shared_folder: Path) -> Simulated:
    """simulated(requests, days, seed, **options) -> the workspace's folder, written once."""

    def simulate_once(requests: int, days: int, seed: int, **options: Any) -> Path:
        name = hashlib.sha256(repr((requests, days, seed, sorted(options.items()))).encode())
        folder = shared_folder / f"company-{name.hexdigest()[:16]}"
        with made_once(folder) as missing:
            if missing:
                simulate(folder, requests, days, seed, **options)
        return folder

    return simulate_once


@pytest.fixture(scope="session")
def built(simulated: Simulated, shared_folder: Path) -> Path:
    """A company with clean tags, run once. dbt's artifacts of that run are in .tollbook."""
    folder = shared_folder / "built"
    with made_once(folder) as missing:
        if missing:
            shutil.copytree(simulated(REQUESTS, DAYS, SEED, clean_tags=True), folder)
            outcome = run(folder)
            assert outcome.status == 0, outcome.output
    return folder
