"""Forgets a person: the landing without the id, and all that was built of it built again.

DuckDB files keep old blocks, so none is changed: they are removed once the landing is clean.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Final

import pyarrow.parquet as pq

from ingestion.globs import glob_pattern
from ingestion.landing.forgetting.forgotten import (
    STANDS_FOR,
    Forgotten,
    add_forgotten,
    name_to_come,
    only,
    read_forgotten,
)
from ingestion.landing.forgetting.rewriting import Found, find, take_out
from ingestion.landing.landing import open_landing
from ingestion.storage.objects import open_storage
from ingestion.workspace.settings import Workspace, WorkspaceError
from orchestration.ledger.books import open_accruals, open_ledger
from orchestration.running.last_run import built, news
from orchestration.running.lock import hold
from orchestration.running.working_folder import WORKING, lock_file, requests_folder

PARQUET: Final = b"PAR1"
# Of a ledger; a workbook says what the CSVs do.
TOLD: Final = (".csv", ".html", ".parquet")


def look_for(workspace: Workspace, user: str) -> Found:
    """Where the id stands; raises WorkspaceError where it stands nowhere."""
    if not user.strip() or user.startswith(STANDS_FOR):
        raise WorkspaceError(f"--user {user!r} is no id of a person")
    landing = open_landing(workspace.landing)
    found = find(landing, only(landing.storage, user))
    if not found.files and not read_forgotten(landing.storage).name_of(user):
        raise WorkspaceError(
            f"nothing that has landed has the id {user}: it is compared whole, in upper and lower"
            " case as logs write it"
        )
    return found


def refuse_if_said(workspace: Workspace, user: str) -> None:
    """Raises WorkspaceError where what a person wrote says the id and not yet the name that will
    stand for it: it may decide whose money a request is.
    """
    said = list(said_by(workspace, user))
    if not said:
        return
    name = name_to_come(open_landing(workspace.landing).storage, user)
    named = {file for file, _ in said_by(workspace, name)}
    if missing := "; ".join(f"{file}:{line}" for file, line in said if file not in named):
        raise WorkspaceError(
            f"{user} stands in {missing}, which may decide whose money a request is: write beside"
            f" each such line a copy with {name} in its place, and try again: every sum stays"
        )


def forget(
    workspace: Workspace, user: str, tell: Callable[[str], None], *, verbose: bool = False
) -> list[str]:
    """What went wrong, one sentence each. Killed at any moment, the next try completes it."""
    from orchestration.execution import execute_job
    from orchestration.jobs import RUN

    # restatements of prices are told against the marts: what is new is told before they go
    refuse_if_said(workspace, user)
    if workspace.marts.exists() and news(workspace):
        problems = execute_job(workspace, RUN, verbose=verbose).problems
        if problems and built(workspace):
            return [*problems, f"{user} is not forgotten: mend that first, and try again"]
    with hold(lock_file(workspace.warehouse), f"forget {workspace.company}", tell):
        landing = open_landing(workspace.landing)
        take_out(landing, add_forgotten(landing.storage, user))
        _remove_built(workspace)
    tell(f"{user} is forgotten: no file of the landing has it; building the rest again")
    problems = execute_job(workspace, RUN, verbose=verbose).problems
    for file, line in said_by(workspace, user):
        tell(f"{file}:{line}: says {user} still: take it out, and forget again")
    for left in _left(workspace, only(landing.storage, user), user):
        tell(left)
    return problems


def _remove_built(workspace: Workspace) -> None:
    for database in (workspace.marts, workspace.warehouse):
        for file in (database, database.with_name(f"{database.name}.wal")):
            file.unlink(missing_ok=True)
    requests = requests_folder(workspace.marts)
    for folder in (requests, workspace.archive):
        for file in folder.glob("*/*/*.parquet"):
            # of a day in another archive: what the link leads to, too
            file.resolve().unlink(missing_ok=True)
            file.unlink(missing_ok=True)
    shutil.rmtree(requests, ignore_errors=True)
    for name in ("landing", "spill", "spark", "warnings"):
        shutil.rmtree(workspace.file.parent / WORKING / name, ignore_errors=True)


def said_by(workspace: Workspace, user: str) -> Iterator[tuple[str, int]]:
    """Files that a person wrote and that say the id, or have a glob for it, with the first line."""
    reference = open_storage(workspace.reference)
    names = [info.name for info in reference.list(may_be_missing=True)]
    texts = [(name, reference.get(name).data) for name in names if name.endswith(".csv")]
    for name, data in [*texts, (workspace.file.name, workspace.file.read_bytes())]:
        lines = data.decode("utf-8", "replace").splitlines()
        for number, line in enumerate(lines, start=1):
            if _says(line, user) or (name.endswith(".csv") and _has_glob_for(line, user)):
                yield name, number
                break


def _says(line: str, user: str) -> bool:
    """As a word of its own, in any case."""
    word = rf"(?<![\w.@-]){re.escape(user)}(?![\w.@-])"
    return re.search(word, line, re.IGNORECASE) is not None


def _has_glob_for(line: str, user: str) -> bool:
    """One that the name in its place would not match, or that would match it alone."""
    for cell in line.lower().split(","):
        glob = cell.strip(' "')
        if "*" in glob:
            pattern = glob_pattern(glob)
            if bool(pattern.fullmatch(user.lower())) != bool(pattern.fullmatch(STANDS_FOR)):
                return True
    return False


def _left(workspace: Workspace, person: Forgotten, user: str) -> Iterator[str]:
    """Files of the ledger are as they were closed: they are told."""
    for ledger in (open_ledger(workspace), open_accruals(workspace)):
        for month in ledger.months():
            for path in month.files:
                if path.endswith(TOLD) and _has(ledger.verified_bytes(month, path), person, user):
                    yield (
                        f"{ledger.storage.location}/{path}: has {user} as it was closed, and is"
                        " never changed"
                    )


def _has(data: bytes, person: Forgotten, user: str) -> bool:
    if not data.startswith(PARQUET):
        return _says(data.decode("utf-8", "replace"), user)
    rows = pq.read_table(BytesIO(data))
    return person.without(rows) is not rows
