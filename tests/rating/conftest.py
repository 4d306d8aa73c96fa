"""The project compiled once, without a run: rating needs no bill, and no table that stands."""

from pathlib import Path

import pytest

from tests.once import made_once
from tests.pipeline.compiled_project import CompiledProject, compile_project


@pytest.fixture(scope="session")
def project(shared_folder: Path) -> CompiledProject:
    """The compiled SQL of every model; workers of pytest-xdist share one compilation."""
    folder = shared_folder / "compiled"
    with made_once(folder) as missing:
        if missing:
            folder.mkdir(exist_ok=True)
            compile_project(folder)
    return CompiledProject(folder)
