"""What of tollbook.yaml says where events are told: a webhook, a folder of e-mails."""

import re
from dataclasses import dataclass
from typing import Final

import yaml

from ingestion.workspace.entries import Entries

KEYS: Final = ("url", "folder", "to", "from", "events")
MONTH_CLOSED: Final = "month_closed"
CHECK_FAILED: Final = "check_failed"
GATE: Final = "gate"
RUNAWAY: Final = "runaway"
EVENTS: Final = (MONTH_CLOSED, CHECK_FAILED, GATE, RUNAWAY)
# A runaway is told to who asks for it by name.
DEFAULT_EVENTS: Final = (MONTH_CLOSED, CHECK_FAILED, GATE)
SENDER: Final = "tollbook@localhost"
_ADDRESS: Final = re.compile(r"[^\s@<>,;:]+@[^\s@<>,;:]+")


@dataclass(frozen=True, slots=True)
class Notifications:
    """Off where there is neither a webhook nor a folder."""

    url_variable: str = ""  # name of the environment variable that holds the webhook's address
    folder: str = ""  # of e-mails
    to: tuple[str, ...] = ()
    sender: str = SENDER
    events: tuple[str, ...] = DEFAULT_EVENTS

    def __bool__(self) -> bool:
        return bool(self.url_variable or self.folder)


OFF: Final = Notifications()


def read_notifications(top: Entries) -> Notifications:
    if not top.given("notifications"):
        return OFF
    entry = Entries(top.document, top.nodes["notifications"], "`notifications`", KEYS)
    if not isinstance(entry.node, yaml.MappingNode):
        return OFF
    has_folder = entry.given("folder")
    if not has_folder and not entry.given("url"):
        top.problem(
            "notifications",
            "`notifications` tells nobody: give it `url: env:NAME` (a webhook), `folder` (of"
            " e-mails), or both",
        )
    for name in ("to", "from"):
        if entry.given(name) and not has_folder:
            entry.problem(name, f"`{name}` is of e-mails: add the `folder` they go into")
    senders = _addresses(entry, "from")
    return Notifications(
        url_variable=entry.secret("url") if entry.given("url") else "",
        folder=entry.location("folder") if has_folder else "",
        to=_addresses(entry, "to"),
        sender=senders[0] if senders else SENDER,
        events=_events(entry),
    )


def _events(entry: Entries) -> tuple[str, ...]:
    if "events" not in entry.nodes:
        return DEFAULT_EVENTS
    found = _texts(entry, "events")
    for name in found:
        if name not in EVENTS:
            entry.problem("events", f"`events`: `{name}` is not one of {', '.join(EVENTS)}")
    if not found:
        entry.problem("events", f"`events` is empty: name some of {', '.join(EVENTS)}")
    return tuple(found)


def _addresses(entry: Entries, name: str) -> tuple[str, ...]:
    found = _texts(entry, name) if entry.given(name) else []
    for text in found:
        if not _ADDRESS.fullmatch(text):
            entry.problem(name, f"`{name}: {text}` is no e-mail address: write name@host")
    return tuple(found)


def _texts(entry: Entries, name: str) -> list[str]:
    """Of a list, or of one alone."""
    node = entry.nodes[name]
    if isinstance(node, yaml.ScalarNode) and entry.given(name):
        return [entry.text(name)]
    items = entry.document.items(node, f"`{name}`")
    return [entry.document.text(item, f"an item of `{name}`") or "" for item in items]
