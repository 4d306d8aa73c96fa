"""Simulated companies that the tests of the whole path share; copy one before changing it."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from workspace_runs import run
from workspaces import copy_sources, log_objects
from workspaces import simulated as few_requests

from simulation.simulate import simulate
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


@pytest.fixture(scope="session")
def small(shared_folder: Path) -> Path:
    """500 requests of 18 days of two months, run once."""
    folder = shared_folder / "small"
    with made_once(folder) as missing:
        if missing:
            outcome = run(few_requests(folder, 500, 11))
            assert outcome.status == 0, outcome.output
    return folder


@pytest.fixture(scope="session")
def half(small: Path, shared_folder: Path) -> Path:
    """The same, of which half of the log objects and a usage report came after the run."""
    folder = shared_folder / "half"
    with made_once(folder) as missing:
        if missing:
            copy_sources(small, folder)
            hidden = [*log_objects(folder)[::2], *(folder / "bills").glob("openai/usage*")]
            for file in hidden:
                file.rename(file.with_name(f".{file.name}"))
            outcome = run(folder)
            assert (folder / "marts.duckdb").exists(), outcome.output
            for file in hidden:
                file.with_name(f".{file.name}").rename(file)
    return folder
