"""Runs of Azure's Cost Management exports: `<export>/<yyyymmdd-yyyymmdd>/<run id>/` and a manifest.

Of a month the run that was submitted last stands: daily exports of a month to date, the monthly
one and runs that were kept all tell the whole of it.
"""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import PurePosixPath
from typing import Any, Final

import msgspec

from ingestion.bills.tables.exports import table_files
from ingestion.bills.tables.table_format import Export, Listing
from ingestion.records import SourceError

_MANIFEST: Final = "manifest.json"
_DAYS: Final = re.compile(r"(?:^|/)(\d{4})(\d\d)(\d\d)-(\d{4})(\d\d)(\d\d)(?=/)")
_AGAIN: Final = "deliver or copy it again"


def exports_of(dataset: str) -> Callable[[Listing], list[Export]]:
    """`dataset` as the manifest calls it: ActualCost, AmortizedCost, FocusCost. Others at the
    location are another bill's; raises SourceError for a manifest that cannot be read or followed.
    """

    def exports(listing: Listing) -> list[Export]:
        folders: defaultdict[str, list[str]] = defaultdict(list)
        for name in table_files(listing.names):
            if PurePosixPath(name).name.lower() != _MANIFEST:
                folders[_folder(name)].append(name)
        manifests = [
            name for name in listing.names if PurePosixPath(name).name.lower() == _MANIFEST
        ]
        if not manifests:
            return _unannounced(folders)
        # files of a run without its manifest are still being delivered
        runs = [_run(listing, name) for name in manifests]
        return [_export(run, folders[run.folder]) for run in runs if run.is_of(dataset)]

    return exports


@dataclass(frozen=True, slots=True)
class _Run:
    manifest: str
    said: dict[str, Any]

    @property
    def folder(self) -> str:
        return _folder(self.manifest)

    def is_of(self, dataset: str) -> bool:
        kind = self._part("exportConfig").get("type")
        return kind is None or str(kind).lower() == dataset.lower()

    @property
    def submitted(self) -> datetime | None:
        moment = _moment(self._part("runInfo").get("submittedTime"))
        return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)

    @property
    def days(self) -> tuple[date, date] | None:
        """First and last day: of the folder, else as the run says them."""
        if days := _days(self.manifest):
            return days
        info = self._part("runInfo")
        first, last = _moment(info.get("startDate")), _moment(info.get("endDate"))
        return (first.date(), last.date()) if first and last else None

    @property
    def blobs(self) -> list[str]:
        return [
            str(blob["blobName"])
            for blob in self.said.get("blobs") or ()
            if isinstance(blob, dict) and blob.get("blobName")
        ]

    @property
    def rows(self) -> int | None:
        rows = self.said.get("dataRowCount")
        return rows if isinstance(rows, int) else None

    def _part(self, name: str) -> dict[str, Any]:
        part = self.said.get(name)
        return part if isinstance(part, dict) else {}


def _run(listing: Listing, manifest: str) -> _Run:
    try:
        said = msgspec.json.decode(listing.read(manifest).removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = None
    if not isinstance(said, dict):
        raise SourceError(f"{manifest}: no JSON of a manifest: {_AGAIN}")
    return _Run(manifest, said)


def _export(run: _Run, files: list[str]) -> Export:
    """The blobs that the manifest lists lie beside it, whatever their container is called."""
    beside = {PurePosixPath(name).name: name for name in files}
    listed = [PurePosixPath(blob).name for blob in run.blobs]
    if lost := next((name for name in listed if name not in beside), None):
        raise SourceError(f"{run.manifest} lists {lost}, which is not there: {_AGAIN}")
    names = [beside[name] for name in listed] if listed else sorted(files)
    month = _month(run.days, run.manifest)
    return Export(run.folder, tuple(names), month, run.submitted, run.rows)


def _unannounced(folders: dict[str, list[str]]) -> list[Export]:
    """Without any manifest: files of a folder are one run, a file at the top is one by itself."""
    runs: dict[str, list[str]] = {}
    for folder, names in folders.items():
        runs |= {folder: names} if folder else {name: [name] for name in names}
    return [
        Export(name, tuple(sorted(files)), _month(_days(files[0]), name))
        for name, files in sorted(runs.items())
    ]


def _month(days: tuple[date, date] | None, where: str) -> date | None:
    """None where rows say it: nothing is known, or the run is of several months."""
    if days is None or (days[0].year, days[0].month) != (days[1].year, days[1].month):
        return None
    if days[0].day != 1:
        raise SourceError(
            f"{where}: begins on {days[0]}, and a month is replaced as a whole: export months or"
            " the month to date"
        )
    return days[0]


def _folder(name: str) -> str:
    parent = PurePosixPath(name).parent.as_posix()
    return "" if parent == "." else parent


def _days(name: str) -> tuple[date, date] | None:
    found = _DAYS.search(name)
    try:
        numbers = [int(part) for part in found.groups()] if found else []
        return (date(*numbers[:3]), date(*numbers[3:])) if numbers else None
    except ValueError:
        return None


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
