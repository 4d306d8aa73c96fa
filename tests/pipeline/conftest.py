"""Simulated companies that the tests of the whole path share; copy one before changing it."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from changed_invoices import change_invoices, raised
from small_company import small_company
from workspace_runs import Outcome, run
from workspaces import Simulated, copy_sources, log_objects

from simulation.simulate import simulate
from tests.once import made_once

# Half of the second month: small, and closed months beside an open one.
REQUESTS, DAYS, SEED = 6000, 45, 11
MONTH = "2026-09"


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
    return small_company(shared_folder)


@pytest.fixture(scope="session")
def untied(built: Path, shared_folder: Path) -> tuple[Path, Outcome]:
    """The same, run again: openai's invoice of MONTH is 5.00 higher, an export was edited."""
    folder = shared_folder / "untied"
    told = folder / "told"
    with made_once(folder) as missing:
        if missing:
            shutil.copytree(built, folder)
            change_invoices(built, folder, lambda found: raised(found, "openai", MONTH, "5.00"))
            min((folder / "exports").glob("*/showback.csv")).write_text("edited\n")
            outcome = run(folder)
            told.write_text(outcome.output)
            assert outcome.status == 1, outcome.output
    return folder, Outcome(1, told.read_text())


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
