"""Companies that several tests look at, each simulated once."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from simulation.simulate import Summary, simulate

# The contract's discount starts within it, on the first of October.
START = date(2026, 9, 24)


@dataclass(frozen=True)
class Simulated:
    folder: Path
    summary: Summary

    @property
    def truth(self) -> str:
        return str(self.folder / "truth" / "requests.parquet")


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """Everything that can go wrong does."""
    folder = tmp_path_factory.mktemp("company") / "workspace"
    return Simulated(folder, simulate(folder, requests=6000, days=12, seed=5, start=START))


# Every charge that a cloud's bill has beside tokens comes within it, and an October too.
CLOUDS_START = date(2026, 9, 5)
CLOUDS_DAYS = 30
CLOUDS_REQUESTS = 3000


@pytest.fixture(scope="session")
def clouds(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """A company whose models are all in clouds."""
    folder = tmp_path_factory.mktemp("clouds") / "workspace"
    named = ("aws", "azure", "google")
    return Simulated(
        folder,
        simulate(folder, CLOUDS_REQUESTS, CLOUDS_DAYS, 5, start=CLOUDS_START, clouds=named),
    )


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    folder = tmp_path_factory.mktemp("sample") / "workspace"
    return Simulated(folder, simulate(folder, preset="sample"))
