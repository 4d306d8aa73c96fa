"""What was told and what still waits to be: `.tollbook/notifications.json`.

It can be deleted any time: then what stands is told again.
"""

import hashlib
from datetime import UTC, datetime
from typing import Final

import msgspec

from ingestion.workspace.settings import Workspace
from orchestration.notifying.events import Event
from orchestration.notifying.messages import Message
from orchestration.running.working_folder import WORKING, working_folder

FILE: Final = "notifications.json"
# Of a webhook that nobody mends for months.
MOST: Final = 100


class Outbox(msgspec.Struct):
    """`told`: kind and look -> keys of facts that stand. `dropped`: messages given up."""

    told: dict[str, list[str]] = {}
    waiting: list[Message] = []
    dropped: int = 0

    def add(self, event: Event, company: str) -> None:
        """Only what of it was not told and is not waiting; what is over is forgotten."""
        place = f"{event.kind} {event.stands}"
        known = self.told.get(place, [])
        if event.stands:
            self.told[place] = sorted(event.facts)
        new = {key: said for key, said in event.facts.items() if key not in known}
        if not new and (event.stands or event.facts):
            return
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        digest = hashlib.sha256("\n".join([at, place, *sorted(new)]).encode()).hexdigest()
        title = f"{company}: {event.title}"
        self.waiting.append(Message(digest[:32], event.kind, at, title, list(new.values())))
        self.dropped += max(0, len(self.waiting) - MOST)
        self.waiting = self.waiting[-MOST:]

    def forget(self, kind: str, but: str) -> None:
        """Facts of other looks: who came so far found none of them."""
        for place in [each for each in self.told if each.startswith(f"{kind} ")]:
            if place != f"{kind} {but}":
                del self.told[place]


def read_outbox(workspace: Workspace) -> Outbox:
    try:
        data = (workspace.file.parent / WORKING / FILE).read_bytes()
        return msgspec.json.decode(data, type=Outbox)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return Outbox()


def write_outbox(workspace: Workspace, outbox: Outbox) -> None:
    target = working_folder(workspace) / FILE
    temporary = target.with_suffix(".tmp")
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(outbox), indent=1))
    temporary.replace(target)
