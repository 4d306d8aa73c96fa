"""What every suite shares."""

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.workspace.settings import Workspace
from orchestration.dbt import invocation as dbt_invocation
from tests.once import made_once

# Suites that run workspaces, minutes a file: begun first, so that at the end of the queue stand
# files of a second and no worker is left alone with a long one. Needs --no-loadscope-reorder.
FIRST = ("accuracy", "pipeline", "docs", "scenarios", "orchestration", "rating")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        suite = item.path.relative_to(here).parts[0]
        return FIRST.index(suite) if suite in FIRST else len(FIRST)

    items.sort(key=place)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """One folder for all workers of pytest-xdist."""
    folder = tmp_path_factory.getbasetemp()
    return folder if worker_id == "master" else folder.parent


@pytest.fixture(scope="session", autouse=True)
def rare_collections() -> Iterator[None]:
    """As in a run: what dbt and Dagster make lives long, and is not looked through again."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    yield
    gc.set_threshold(*before)


@pytest.fixture(scope="session", autouse=True)
def parsed_once(shared_folder: Path) -> Iterator[None]:
    """dbt parses the project once for all workspaces that want the same of it, not 5 s for each."""
    parse = dbt_invocation._parse

    def parse_once(workspace: Workspace, folder: Path) -> None:
        parsed = shared_folder / f"parsed-{dbt_invocation._stamp(workspace)}"
        with made_once(parsed) as missing:
            if missing:
                parse(workspace, folder)
                parsed.mkdir(exist_ok=True)
            for name in (dbt_invocation.MANIFEST, dbt_invocation.OBJECTS):
                source, target = (folder, parsed) if missing else (parsed, folder)
                shutil.copyfile(source / name, target / name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dbt_invocation, "_parse", parse_once)
        yield
