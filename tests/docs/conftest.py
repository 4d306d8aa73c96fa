"""What all pages are read with."""

import os
from pathlib import Path

import pytest

from tests.support.sample_run import run_sample


@pytest.fixture(scope="session")
def sample(shared_folder: Path) -> Path:
    """Its folder after a run; `printed` in it is what the run printed."""
    return run_sample(shared_folder)


@pytest.fixture(scope="session")
def refresh() -> bool:
    """`make docs`: what is made is written, and not compared."""
    return os.environ.get("TOLLBOOK_REFRESH_DOCS") == "1"
