"""dbt in this process: its arguments, its manifest and its events.

A child process costs 4 to 6 s more per run than `dbtRunner`, measured with 22 models.
"""

import fcntl
import hashlib
import json
import os
import queue
import shutil
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from ingestion.vocabulary import dbt_words
from ingestion.workspace.settings import Workspace, WorkspaceError
from orchestration.dbt.failures import reason
from orchestration.dbt.insides import OBJECTS, invoke, manifest_object, needed_objects
from orchestration.dbt.rules_version import rules_versions
from orchestration.dbt.written_for import written_for
from orchestration.running.memory import duckdb_config
from orchestration.running.working_folder import (
    REPOSITORY,
    cache_folder,
    installed_folder,
    requests_folder,
    working_folder,
)

PROJECT: Final = REPOSITORY / "dbt_project"
PARSE: Final = ("dbt", "parse")
BUILD: Final = ("dbt", "build")
TEMPLATES: Final = ("dbt", "templates")
# Written last, where dbt has parsed.
DONE: Final = "done"
# What `dbt parse` leaves for readers, and beside it the versions of the rules that it parsed.
MANIFEST: Final = "manifest.json"
RULES: Final = "rules.json"
PROJECT_FOLDERS: Final = ("models", "macros", "tests", "unit_tests")
# Versions of the project, and names of warehouses, whose parse is kept.
KEPT: Final = 8


def dbt_vars(workspace: Workspace) -> dict[str, Any]:
    """What dbt needs to know of the vocabulary and of tollbook.yaml."""
    return {
        **dbt_words(),
        "attribution": {key: list(places) for key, places in workspace.attribution.items()},
        "timezone": workspace.timezone,
        "currency": workspace.currency,
        "since": workspace.since.isoformat() if workspace.since else "",
        "chargeback_basis": workspace.chargeback_basis,
        "quarantine_max_percent": str(workspace.quarantine_max_percent),
        "corrections_by_themselves": list(workspace.corrections.reasons),
        "corrections_from_amount": str(workspace.corrections.from_amount),
        "runaways_floor": str(workspace.runaways.floor),
        "business_hours": _business_hours(workspace),
        **read_rules_versions(workspace),
    }


def _business_hours(workspace: Workspace) -> dict[str, Any]:
    """Days as ISO counts them, minutes of a day; empty where nobody said any."""
    hours = workspace.business_hours
    if hours is None:
        return {}
    return {"days": hours.numbers(), "begins": hours.begins, "ends": hours.ends}


def build_folder(workspace: Workspace) -> Path:
    """dbt's target folder of builds: run results and compiled SQL."""
    return working_folder(workspace, *BUILD)


def read_manifest(workspace: Workspace) -> dict[str, Any]:
    """dbt's manifest, parsed again when a file of the project changed."""
    with _parsed(workspace) as folder:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        return manifest


def read_rules_versions(workspace: Workspace) -> dict[str, str]:
    """The variables that say which rules days and months are built by."""
    with _parsed(workspace) as folder:
        versions: dict[str, str] = json.loads((folder / RULES).read_bytes())
        return versions


def dbt_manifest(workspace: Workspace) -> Any:
    """The same as dbt's own object: a build that is given it parses nothing."""
    with _parsed(workspace) as folder:
        data = (folder / OBJECTS).read_bytes()
    return manifest_object(data)


@contextmanager
def _parsed(workspace: Workspace) -> Iterator[Path]:
    """The folder of what dbt parsed: at installation, or for a workspace of this user, or now."""
    stamp = parse_stamp(workspace)
    installed = installed_folder(*PARSE, stamp)
    if (installed / DONE).is_file():
        yield installed
        return
    kept = cache_folder(workspace, *PARSE)
    folder = kept / stamp
    # processes load the definitions at the same moment, those of `dagster dev` too
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / DONE
        if not done.is_file():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            parse_into(workspace, folder)
        # the last ones used are kept
        done.touch()
        _forget_all_but(KEPT, kept)
        yield folder


def _forget_all_but(number: int, kept: Path) -> None:
    used = sorted(kept.glob(f"*/{DONE}"), key=lambda done: done.stat().st_mtime)
    for done in used[:-number]:
        shutil.rmtree(done.parent, ignore_errors=True)


def parse_stamp(workspace: Workspace) -> str:
    """Hash of everything that decides the manifest; what tollbook.yaml says is asked by builds."""
    # the database of every relation is called as the file is, wherever that lies
    settings = [version("dbt-core"), version("dbt-duckdb"), workspace.warehouse.name, RULES]
    files = _hash_of(("dbt_project.yml", "profiles.yml", *PROJECT_FOLDERS))
    text = json.dumps([settings, str(PROJECT), dbt_words(), files], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _hash_of(places: tuple[str, ...]) -> str:
    """Hash of the project's files at these places, folders with all below."""
    digest = hashlib.sha256()
    for place in places:
        path = PROJECT / place
        files = [path] if path.is_file() else sorted(f for f in path.rglob("*") if f.is_file())
        for file in files:
            name = file.relative_to(PROJECT).as_posix()
            digest.update(f"{name}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


def parse_into(workspace: Workspace, folder: Path, templates: Path | None = None) -> None:
    errors: list[str] = []

    def collect(event: Mapping[str, Any]) -> None:
        if event["info"]["level"] == "error":
            errors.append(event["info"]["msg"])

    result = invoke_dbt(workspace, folder, ["parse"], collect, templates=templates)
    if not result.success:
        raise WorkspaceError(f"{PROJECT}: dbt cannot parse the project: {reason(result, errors)}")
    objects = folder / OBJECTS
    objects.write_bytes(needed_objects(objects.read_bytes()))
    (folder / RULES).write_text(json.dumps(rules_versions(PROJECT)), encoding="utf-8")


def stream_build(
    workspace: Workspace,
    selection: list[str],
    indirect_selection: str | None = None,
    in_hand: int | None = None,
) -> Generator[dict[str, Any], None, Any]:
    """`dbt build`, event by event; its return value is the dbtRunnerResult, None if it broke."""
    target = build_folder(workspace)
    manifest = dbt_manifest(workspace)
    arguments = ["--no-write-json", "build", *selection]
    if indirect_selection:
        arguments += ["--indirect-selection", indirect_selection]
    events: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    outcome: list[Any] = []

    def run() -> None:
        try:
            told = events.put
            outcome.append(invoke_dbt(workspace, target, arguments, told, manifest, in_hand))
        finally:
            events.put(None)

    thread = threading.Thread(target=run, name="dbt build", daemon=True)
    thread.start()
    try:
        while (event := events.get()) is not None:
            yield event
    finally:
        # also when the reader of the events fails: dbt must not write on without the run's lock
        thread.join()
    return outcome[0] if outcome else None


def invoke_dbt(
    workspace: Workspace,
    target: Path,
    command: list[str],
    on_event: Callable[[Any], None],
    manifest: Any = None,
    in_hand: int | None = None,
    to_decide: int | None = None,
    templates: Path | None = None,
) -> Any:
    """`in_hand`: requests at once; `to_decide`: records. All where it is not said.

    `templates`: where what Jinja makes is kept, if not in the user's cache.
    """
    os.environ["TOLLBOOK_WAREHOUSE"] = str(workspace.warehouse)
    variables = dbt_words()
    if manifest is not None:
        # what is parsed stands whatever a workspace says and whatever rules have landed
        variables |= dbt_vars(workspace) | written_for(workspace.warehouse)
        _tell_places(workspace)
    if in_hand is not None:
        variables["requests_in_hand"] = in_hand
    if to_decide is not None:
        variables["records_to_decide"] = to_decide
    arguments = [
        *("--log-level", "none", "--log-level-file", "none", "--log-path", str(target / "logs")),
        *command,
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(target), "--vars", json.dumps(variables)),
    ]
    kept = templates or cache_folder(workspace, *TEMPLATES)
    return invoke(arguments, on_event, manifest, kept, installed_folder(*TEMPLATES))


def _tell_places(workspace: Workspace) -> None:
    """Where a build writes day files, what memory it may use and where it spills: profiles.yml."""
    folder = requests_folder(workspace.marts)
    folder.mkdir(parents=True, exist_ok=True)
    memory = duckdb_config(workspace)
    os.environ |= {
        "TOLLBOOK_REQUESTS": str(folder),
        "TOLLBOOK_MEMORY": memory["memory_limit"],
        "TOLLBOOK_SPILL": memory["temp_directory"],
    }
