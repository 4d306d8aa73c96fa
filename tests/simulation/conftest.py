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


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    folder = tmp_path_factory.mktemp("sample") / "workspace"
    return Simulated(folder, simulate(folder, preset="sample"))
