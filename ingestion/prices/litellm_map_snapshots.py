"""When each content of LiteLLM's price map was first seen: copies in the landing, append-only.

    landing/price_maps/<first seen>-<content>.json.zst
    landing/price_maps/<date>_<first seen>-<content>.json.zst

The reference folder has `litellm_prices.json` as downloaded, which holds from the run that first
saw it, or `litellm_prices_2026-09-01.json`, which holds from the date in its name. What is landed
counts from then on, whether or not the file is still there.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

import zstandard

from ingestion.prices.litellm_map import Snapshot, read_price_map
from ingestion.records import SourceError
from ingestion.storage.objects import Storage, open_storage
from ingestion.workspace.settings import Workspace

FOLDER: Final = "price_maps"
FILE: Final = re.compile(r"litellm_prices(?:_(.*))?\.json")
COPY: Final = re.compile(r"(?:(\d{4}-\d{2}-\d{2})_)?(\d{8}T\d{12}Z)-([0-9a-f]{12})\.json\.zst")
STAMP: Final = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, slots=True)
class MapFile:
    """`day`: what the file's name says."""

    name: str
    day: date | None
    data: bytes


@dataclass(frozen=True, slots=True)
class Copy:
    """A landed copy; `day` is None where it holds from the moment it was seen."""

    day: date | None
    seen: datetime
    digest: str

    @property
    def name(self) -> str:
        date_part = f"{self.day}_" if self.day else ""
        return f"{date_part}{self.seen.strftime(STAMP)}-{self.digest}.json.zst"

    def snapshot(self, data: bytes) -> Snapshot:
        if self.day:
            return Snapshot(f"{self.day} {self.digest}", _midnight(self.day), data)
        return Snapshot(f"{self.seen:%Y-%m-%dT%H:%M:%SZ} {self.digest}", self.seen, data)


def snapshots(workspace: Workspace, *, store: bool, now: datetime | None = None) -> list[Snapshot]:
    """All that are landed and what the reference folder has now, in the order they were seen.

    With `store`, which needs the run's lock, what was not seen before is landed; without, nothing
    is written and it counts as seen now.
    """
    files, _ = map_files(open_storage(workspace.reference))
    landed = open_storage(workspace.landing, private=True).child(FOLDER)
    copies = sorted(_copies(landed), key=lambda copy: copy.seen)
    found = [copy.snapshot(_content(landed, copy)) for copy in copies]
    newest = {copy.day: copy.digest for copy in copies}
    for file in files:
        digest = hashlib.sha256(file.data).hexdigest()[:12]
        if newest.get(file.day) == digest:
            continue
        copy = Copy(file.day, now or datetime.now(UTC), digest)
        if store:
            landed.create(copy.name, zstandard.compress(file.data))
        found.append(copy.snapshot(file.data))
    return found


def map_files(storage: Storage) -> tuple[list[MapFile], list[str]]:
    """Price maps of the reference folder, and what is wrong with it, a sentence each."""
    files: list[MapFile] = []
    problems: list[str] = []
    for info in storage.list(may_be_missing=True):
        if not (match := FILE.fullmatch(info.name)):
            continue
        place = f"{storage.location}/{info.name}"
        try:
            day = date.fromisoformat(match[1]) if match[1] is not None else None
        except ValueError:
            problems.append(
                f"{place}: `{match[1]}` is not a date: name it litellm_prices.json,"
                " or with its date like litellm_prices_2026-09-01.json"
            )
            continue
        data = storage.get(info.name).data
        try:
            read_price_map(data)
        except (ValueError, RecursionError) as error:
            problems.append(
                f"{place}: is not a price map ({error}): download LiteLLM's"
                " model_prices_and_context_window.json again"
            )
            continue
        files.append(MapFile(info.name, day, data))
    return files, problems


def skipped_entries(storage: Storage) -> list[str]:
    """A sentence for each price map with entries that cannot be read or disagree."""
    said = []
    for file in map_files(storage)[0]:
        found = read_price_map(file.data)
        parts = []
        if differing := found.disagreeing:
            prices = "1 price is" if len(differing) == 1 else f"{len(differing)} prices are"
            parts.append(
                f"{prices} left out because entries of one model disagree, like {differing[0]}"
            )
        if wrong := found.unreadable:
            few = "; ".join(wrong[:3]) + ("; …" if len(wrong) > 3 else "")
            parts.insert(0, f"{len(wrong)} entries cannot be read and are skipped: {few}")
        if parts:
            said.append(f"{file.name}: {'; '.join(parts)}")
    return said


def _copies(landed: Storage) -> Iterator[Copy]:
    for info in landed.list(may_be_missing=True):
        if match := COPY.fullmatch(info.name):
            day, seen, digest = match.groups()
            moment = datetime.strptime(seen, STAMP).replace(tzinfo=UTC)
            yield Copy(date.fromisoformat(day) if day else None, moment, digest)


def _content(landed: Storage, copy: Copy) -> bytes:
    try:
        data = zstandard.decompress(landed.get(copy.name).data)
    except zstandard.ZstdError as error:
        raise SourceError(f"{landed.location}/{copy.name}: {error}: restore the copy") from error
    if not hashlib.sha256(data).hexdigest().startswith(copy.digest):
        raise SourceError(f"{landed.location}/{copy.name}: was changed: restore the copy")
    return data


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
