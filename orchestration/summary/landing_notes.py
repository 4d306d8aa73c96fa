"""What a summary says of what landed, as published marts have names that somebody chose.

A run that finds nothing new says the same and need not open the warehouse: it is kept beside what
the run left, in `.tollbook/landing_notes.json`.
"""

import hashlib
from typing import Final

import duckdb
import msgspec

from ingestion.workspace.settings import Workspace
from orchestration.checks.bill_reports import ungrouped
from orchestration.checks.foreign_services import left_out_notes
from orchestration.checks.unread_places import unread_places, unread_text
from orchestration.running.last_run import last_run
from orchestration.running.lock import if_free
from orchestration.running.working_folder import lock_file, working_folder

FILE: Final = "landing_notes.json"


class LandingNotes(msgspec.Struct, frozen=True):
    """`of`: the run that left what they are of."""

    of: str = ""
    ungrouped: list[str] = []
    left_out: list[str] = []
    unread: str = ""


def landing_notes(workspace: Workspace, *, of_last_run: bool) -> LandingNotes:
    """None while another run is at work, which tells them.

    `of_last_run`: nothing is new since, so what is kept of it holds.
    """
    left = _last(workspace)
    kept = working_folder(workspace) / FILE
    try:
        notes = msgspec.json.decode(kept.read_bytes(), type=LandingNotes)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        notes = LandingNotes()
    if of_last_run and left and notes.of == left:
        return notes
    with if_free(lock_file(workspace.warehouse)) as free:
        if not free:
            return LandingNotes()
        try:
            with duckdb.connect(workspace.warehouse, read_only=True) as connection:
                connection.execute("SET TimeZone = 'UTC'")
                notes = _asked(connection, workspace, left)
        except duckdb.IOException:
            return LandingNotes()  # a program that is no run of ours has it open
        if left:
            temporary = kept.with_suffix(".tmp")
            temporary.write_bytes(msgspec.json.encode(notes))
            temporary.replace(kept)
    return notes


def _asked(connection: duckdb.DuckDBPyConnection, workspace: Workspace, left: str) -> LandingNotes:
    unread = unread_places(connection, workspace.attribution)
    return LandingNotes(
        of=left,
        ungrouped=[each.told() for each in ungrouped(connection)],
        left_out=left_out_notes(connection),
        unread=unread_text(unread, workspace.attribution, workspace.currency),
    )


def _last(workspace: Workspace) -> str:
    """Of the last whole run: what it read, settings and Tollbook's release included, and left."""
    last = last_run(workspace)
    return "" if last is None else hashlib.sha256(msgspec.json.encode(last)).hexdigest()
