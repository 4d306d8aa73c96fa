"""Tells events where tollbook.yaml says. Whatever goes wrong is a sentence, and tried again by the
next run: no run and no close fails by it.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import duckdb

from ingestion.known_errors import KnownError
from ingestion.storage.objects import open_storage
from ingestion.workspace.settings import Workspace
from orchestration.notifying.events import Event
from orchestration.notifying.messages import Message, mail_bytes, webhook_body
from orchestration.notifying.outbox import Outbox, read_outbox, write_outbox
from orchestration.notifying.webhook import post
from orchestration.running.lock import if_free
from orchestration.running.working_folder import lock_file

EVENT: Final = "X-Tollbook-Event"
ID: Final = "X-Tollbook-Id"


def notify(workspace: Workspace, events: Iterable[Event], *, whole_look: str = "") -> list[str]:
    """What could not be told, one sentence each. Called by who holds the run's lock.

    `whole_look`: the look that only a run reaches in which no other one found anything.
    """
    if not workspace.notifications:
        return []
    try:
        outbox = read_outbox(workspace)
        for event in events:
            if whole_look and event.stands == whole_look:
                outbox.forget(event.kind, whole_look)
            if event.kind in workspace.notifications.events:
                outbox.add(event, workspace.company)
        return list(_deliver(workspace, outbox))
    except (KnownError, OSError, duckdb.Error) as error:
        return [f"notifications: nothing was told: {error}"]


def tell_what_waits(workspace: Workspace) -> list[str]:
    """Tries again, where no run is at work, which would."""
    if not workspace.notifications or not read_outbox(workspace).waiting:
        return []
    with if_free(lock_file(workspace.warehouse)) as free:
        return notify(workspace, []) if free else []


def _deliver(workspace: Workspace, outbox: Outbox) -> Iterator[str]:
    """After the first that is not taken no other is tried: each could take as long."""
    write_outbox(workspace, outbox)
    problems: dict[str, str] = {}
    for message in outbox.waiting:
        before = message.posted, message.mailed
        for channel, tell in (("webhook", _posted), ("e-mail", _mailed)):
            if channel not in problems and (problem := tell(workspace, message)):
                problems[channel] = problem
        if (message.posted, message.mailed) != before:
            # one that was told is never told again, whatever comes next
            write_outbox(workspace, outbox)
    outbox.waiting = [each for each in outbox.waiting if not (each.posted and each.mailed)]
    dropped, outbox.dropped = outbox.dropped, 0
    write_outbox(workspace, outbox)
    count = len(outbox.waiting)
    waits = f"{count} message{' waits' if count == 1 else 's wait'} for the next run"
    yield from (f"notifications: {problem}: {waits}" for problem in problems.values())
    if dropped:
        yield f"notifications: the {dropped} oldest that waited are given up: too many wait"


def _posted(workspace: Workspace, message: Message) -> str:
    variable = workspace.notifications.url_variable
    if variable and not message.posted:
        headers = {EVENT: message.kind, ID: message.id}
        if problem := post(variable, webhook_body(message), headers):
            return problem
    message.posted = True
    return ""


def _mailed(workspace: Workspace, message: Message) -> str:
    settings = workspace.notifications
    if settings.folder and not message.mailed:
        data = mail_bytes(message, settings.sender, settings.to)
        try:
            open_storage(settings.folder).create(message.file, data)
        except KnownError as error:
            return f"no e-mail could be written: {error}"
    message.mailed = True
    return ""
