"""Which objects of a bill's location belong together: pulls, pages saved by hand, leftovers.

A folder with `pull.json` is one complete pull; the marker is written last. A `pull-<digits>…`
folder without it was interrupted, and nothing in it counts.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, Final

import msgspec

from ingestion.records import SourceError

MARKER: Final = "pull.json"
_PULL_FOLDER = re.compile(r"pull-\d.*")


class PulledReport(msgspec.Struct, frozen=True):
    """One report of a pull: what it was grouped by, and what of it must be there."""

    report: str
    group_by: list[str] | None = None
    buckets: int | None = None
    pages: list[str] = []  # sha256 of each page object
    since: str | None = None  # its own days, where they are not the pull's
    until: str | None = None


class PullMarker(msgspec.Struct, frozen=True):
    """The content of `pull.json`."""

    pull_id: str
    pulled_at: str  # RFC 3339
    provider: str
    reports: Any = None  # a list of PulledReport or of names, or {name: group_by}
    complete: bool = False
    since: str | None = None  # first day asked for
    until: str | None = None  # the day after the last


@dataclass(frozen=True, slots=True)
class Pull:
    marker_name: str
    pull_id: str
    pulled_at: datetime
    reports: tuple[PulledReport, ...]
    since: str | None = None
    until: str | None = None
    members: list[str] = field(default_factory=list)

    def grouping(self, report: str) -> frozenset[str] | None:
        """Columns that a report was grouped by, where `pull.json` says it once."""
        said = [
            frozenset(pulled.group_by)
            for pulled in self.reports
            if pulled.report == report and pulled.group_by is not None
        ]
        return said[0] if len(said) == 1 else None


@dataclass(slots=True)
class Arrangement:
    pulls: list[Pull]
    by_hand: list[str]
    ignored: list[str]  # markers and pages of interrupted pulls


def arrange_objects(objects: Mapping[str, bytes], provider: str) -> Arrangement:
    """Raises SourceError for a `pull.json` that cannot be used."""
    markers = {
        PurePosixPath(name).parent: name
        for name in sorted(objects)
        if PurePosixPath(name).name == MARKER
    }
    pulls: dict[PurePosixPath, Pull] = {}
    interrupted = set()
    for folder, name in markers.items():
        marker = _marker(objects[name], name, provider)
        if marker.complete:
            pulls[folder] = _pull(marker, name)
        else:
            interrupted.add(folder)
    found = Arrangement(list(pulls.values()), [], list(markers.values()))
    for name in sorted(objects.keys() - set(markers.values())):
        home = _home(PurePosixPath(name).parents, pulls, interrupted)
        if isinstance(home, Pull):
            home.members.append(name)
        else:
            (found.ignored if home else found.by_hand).append(name)
    return found


def _home(
    folders: Iterable[PurePosixPath],
    pulls: Mapping[PurePosixPath, Pull],
    interrupted: set[PurePosixPath],
) -> Pull | bool:
    """The pull that an object belongs to, True in an interrupted one, False where in none."""
    for folder in folders:
        if folder in pulls:
            return pulls[folder]
        if folder in interrupted or _PULL_FOLDER.fullmatch(folder.name):
            return True
    return False


def _marker(data: bytes, name: str, provider: str) -> PullMarker:
    try:
        marker = msgspec.json.decode(data, type=PullMarker)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise SourceError(
            f"{name} does not describe a pull: restore it, or delete its folder and pull again"
        ) from None
    if marker.provider != provider:
        raise SourceError(
            f"{name} is a pull from {marker.provider}, but its bill has format {provider}: "
            "move its folder to a bill of that format"
        )
    return marker


def _pull(marker: PullMarker, name: str) -> Pull:
    try:
        pulled_at = datetime.fromisoformat(marker.pulled_at)
    except ValueError:
        pulled_at = None
    if pulled_at is None or pulled_at.tzinfo is None:
        raise SourceError(
            f"{name}: pulled_at must be an RFC 3339 moment with its offset, as in "
            "2026-11-01T03:00:00Z: correct it, or delete its folder and pull again"
        )
    reports = _reports(marker.reports, name)
    moment = pulled_at.astimezone(UTC)
    return Pull(name, marker.pull_id, moment, reports, marker.since, marker.until)


def _reports(said: Any, name: str) -> tuple[PulledReport, ...]:
    if isinstance(said, dict):
        said = [{"report": report, "group_by": group_by} for report, group_by in said.items()]
    try:
        return tuple(
            PulledReport(item) if isinstance(item, str) else msgspec.convert(item, PulledReport)
            for item in said or ()
        )
    except (msgspec.ValidationError, TypeError):
        raise SourceError(
            f"{name}: reports must be a list of {{report, group_by}}: correct it, or delete its "
            "folder and pull again"
        ) from None
