"""What every suite shares."""

import gc
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from genai_prices.types import ModelInfo

from ingestion.prices import book
from ingestion.workspace.settings import Workspace
from orchestration.dbt import invocation as dbt_invocation
from orchestration.dbt.written_for import written_for
from tests.once import made_once
from tests.pipeline.compiled_project import CompiledProject, compile_workspace

# Begun first, so that at the end of the queue stand files of a second and no worker is left alone
# with a long one: the longest files, then suites that run workspaces. The first three go to a
# worker each: only the first one waits for a company. Needs --no-loadscope-reorder.
LONGEST = (
    "pipeline/test_close",
    "ingestion/gateways/test_generic_lines",
    "rating/test_price_variants",
    "docs/test_bi",
    "pipeline/test_dbt_units",
    "statements/test_statements_in_a_browser",
    "rating/test_gateway_drift",
)
FIRST = ("accuracy", "engines", "pipeline", "docs", "scenarios", "orchestration", "rating")
# Where a test builds a company, a few seconds each: of these files, one of each kind of question,
# `make test` runs the first one, `make whole` and CI run all of all files.
SHORT = {
    "pipeline": (
        *("close", "conservation", "dbt_units", "explain", "followed_lines"),
        *("log_line_to_chargeback", "months_apart", "netted_charges", "properties"),
        *("restated_bills", "second_run", "tag_and_key_reports", "tie_out", "truth"),
    ),
    "scenarios": (
        *("attribution", "budgets", "corrections", "forecast", "gateways", "levers", "rate_card"),
        *("reporting_timezone", "runaways", "traces", "what_if"),
    ),
    "field": (
        *("customers", "everything_countable", "hostile_records", "identity", "lost_logs"),
        *("one_number", "tags", "terminal"),
    ),
}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Files of which `make test` runs nothing are not imported: half of what collecting takes."""
    suite = collection_path.parent.name
    left_out = (
        "not whole" in config.option.markexpr
        and collection_path.parent == Path(__file__).parent / suite
        and suite in SHORT
        and collection_path.stem.startswith("test_")
        and collection_path.stem.removeprefix("test_") not in SHORT[suite]
    )
    return left_out or None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    files: dict[Path, str] = {}
    for item in items:
        is_first = files.setdefault(item.path, item.nodeid) == item.nodeid
        if _suite(item) in SHORT and not (is_first and _is_short(item)):
            item.add_marker("whole")
    items.sort(key=_place)


def _suite(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).parts[0]


def _is_short(item: pytest.Item) -> bool:
    return item.path.stem.removeprefix("test_") in SHORT[_suite(item)]


def _place(item: pytest.Item) -> int:
    file = item.path.relative_to(Path(__file__).parent).with_suffix("").as_posix()
    if file in LONGEST:
        return LONGEST.index(file)
    suite = _suite(item)
    return len(LONGEST) + (FIRST.index(suite) if suite in FIRST else len(FIRST))


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """One folder for all workers of pytest-xdist."""
    folder = tmp_path_factory.getbasetemp()
    return folder if worker_id == "master" else folder.parent


@pytest.fixture(scope="session")
def compiled(shared_folder: Path) -> Callable[[Workspace], CompiledProject]:
    """The SQL for what a workspace says and what has landed in it, compiled once for all alike."""
    projects: dict[str, CompiledProject] = {}

    def compile_once(workspace: Workspace) -> CompiledProject:
        variables = dbt_invocation.dbt_vars(workspace) | written_for(workspace.warehouse)
        text = json.dumps([variables, workspace.warehouse.name], sort_keys=True)
        stamp = hashlib.sha256(text.encode()).hexdigest()[:16]
        if stamp not in projects:
            folder = shared_folder / f"compiled-{stamp}"
            with made_once(folder) as missing:
                if missing:
                    compile_workspace(workspace)
                    own = workspace.file.parent / ".tollbook" / "dbt"
                    shutil.copytree(own, folder / ".tollbook" / "dbt")
            projects[stamp] = CompiledProject(folder, workspace)
        return projects[stamp]

    return compile_once


@pytest.fixture(scope="session", autouse=True)
def rare_collections() -> Iterator[None]:
    """As in a run: what dbt and Dagster make lives long, and is not looked through again."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    yield
    gc.set_threshold(*before)


@pytest.fixture(scope="session", autouse=True)
def one_thread(pytestconfig: pytest.Config) -> Iterator[None]:
    """DuckDB's second thread takes a fifth of a run of a few rows. With the tests of `make whole`
    databases have as many as in a run.
    """
    opened = duckdb.connect

    def connect(
        database: str | Path = ":memory:",
        read_only: bool = False,
        config: Mapping[str, Any] | None = None,
    ) -> duckdb.DuckDBPyConnection:
        return opened(database, read_only=read_only, config={"threads": 1, **(config or {})})

    with pytest.MonkeyPatch.context() as patch:
        if "not whole" in pytestconfig.option.markexpr:
            patch.setattr(duckdb, "connect", connect)
        yield


@pytest.fixture(scope="session", autouse=True)
def own_cache(shared_folder: Path) -> Iterator[None]:
    """dbt parses the project once for all workers and the commands that they start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(shared_folder / "cache"))
        yield


@pytest.fixture(scope="session", autouse=True)
def priced_once() -> Iterator[None]:
    """A price book lists all models; what one of them costs is worked out for the first company of
    a worker: a seventh of what a few rated requests take.
    """
    priced, known = book._priced, {}

    def once(model: ModelInfo, days: list[datetime], *, own: bool) -> list[Any]:
        key = (id(model), own, *days)
        if key not in known:
            # with the model, so that no other one takes its id
            known[key] = (list(priced(model, days, own=own)), model)
        return known[key][0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(book, "_priced", once)
        yield
