"""The project compiled once, without a run: rating needs no bill, and no table that stands."""

import fcntl

import pytest

from tests.pipeline.compiled_project import CompiledProject, compile_project


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> CompiledProject:
    """The compiled SQL of every model; workers of pytest-xdist share one compilation."""
    temporary = tmp_path_factory.getbasetemp()
    folder = (temporary if worker_id == "master" else temporary.parent) / "compiled"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            compile_project(folder)
            (folder / "done").touch()
    return CompiledProject(folder)
