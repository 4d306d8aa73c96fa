"""Companies that several tests look at, each simulated once for all workers."""

import pickle
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from simulation.simulate import Summary, simulate
from tests.once import made_once

# The contract's discount starts within it, on the first of October.
START = date(2026, 9, 24)


@dataclass(frozen=True)
class Simulated:
    folder: Path
    summary: Summary

    @property
    def truth(self) -> str:
        return str(self.folder / "truth" / "requests.parquet")


def simulated(home: Path, **options: Any) -> Simulated:
    folder, summary = home / "workspace", home / "summary.pickle"
    with made_once(home) as missing:
        if missing:
            home.mkdir()
            summary.write_bytes(pickle.dumps(simulate(folder, **options)))
    return Simulated(folder, pickle.loads(summary.read_bytes()))


@pytest.fixture(scope="session")
def company(shared_folder: Path) -> Simulated:
    """Everything that can go wrong does."""
    return simulated(
        shared_folder / "simulated-company", requests=6000, days=12, seed=5, start=START
    )


# Every charge that a cloud's bill has beside tokens comes within it, and an October too.
CLOUDS_START = date(2026, 9, 5)
CLOUDS_DAYS = 30
CLOUDS_REQUESTS = 3000


@pytest.fixture(scope="session")
def clouds(shared_folder: Path) -> Simulated:
    """A company whose models are all in clouds."""
    return simulated(
        shared_folder / "simulated-clouds",
        requests=CLOUDS_REQUESTS,
        days=CLOUDS_DAYS,
        seed=5,
        start=CLOUDS_START,
        clouds=("aws", "azure", "google"),
    )


@pytest.fixture(scope="session")
def sample(shared_folder: Path) -> Simulated:
    return simulated(shared_folder / "simulated-sample", preset="sample")
