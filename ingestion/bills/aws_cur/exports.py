"""Deliveries of an AWS export: `data/BILLING_PERIOD=2026-10/…` and its manifest in `metadata/`.

An export that keeps its deliveries has a folder `<time>-<execution id>` for each; one that
overwrites has one delivery a month. The legacy report: `20261001-20261101/<assembly id>`.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import PurePosixPath
from typing import Any, Final

import msgspec

from ingestion.bills.tables.exports import TABLE_FILES, table_files
from ingestion.bills.tables.table_format import Export, Listing
from ingestion.records import SourceError

_PERIODS: Final = (
    re.compile(r"(?P<root>.*?)/?(?P<part>data/|metadata/|)BILLING_PERIOD=(?P<y>\d{4})-(?P<m>\d\d)/(?P<rest>.+)"),
    re.compile(r"(?P<root>.*?)/?(?P<part>)(?P<y>\d{4})(?P<m>\d\d)01-\d{8}/(?P<rest>.+)"),
)  # fmt: skip
_MANIFEST: Final = re.compile(r"[^/]*-Manifest\.json", re.IGNORECASE)
_MOMENT: Final = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)[T_-]?(\d\d)[:-]?(\d\d)[:-]?(\d\d)")
# Keys of a manifest whose files are beside the bill, not of it.
_BESIDE: Final = ("additionalOutputFiles", "additionalArtifactKeys")


@dataclass(frozen=True, slots=True)
class _Delivery:
    root: str
    month: date
    folder: str  # of one execution; "" where it is overwritten

    @property
    def name(self) -> str:
        parts = (self.root, f"{self.month:%Y-%m}", self.folder)
        return "/".join(part for part in parts if part)

    @property
    def moment(self) -> datetime | None:
        found = _MOMENT.search(self.folder)
        try:
            text = "{}-{}-{}T{}:{}:{}".format(*found.groups()) if found else ""
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError:
            return None


def exports(listing: Listing) -> list[Export]:
    """Raises SourceError for a manifest that cannot be read, and for files that no month has."""
    data: defaultdict[_Delivery, list[str]] = defaultdict(list)
    manifests: dict[_Delivery, str] = {}
    for name in listing.names:
        delivery = _delivery(name)
        is_manifest = _MANIFEST.fullmatch(PurePosixPath(name).name) is not None
        if is_manifest and delivery:
            manifests[delivery] = name
        elif not is_manifest and table_files([name]):
            if delivery is None:
                raise SourceError(
                    f"{name}: no folder says its month: keep the folders of the export, as"
                    " BILLING_PERIOD=2026-10/, or move the file away"
                )
            data[delivery].append(name)
    if not manifests:
        return [_export(each, files) for each, files in data.items()]
    # data without its manifest is still being delivered; a legacy report has a copy of one above
    return [
        _export(each, _listed(listing, manifests[each], files))
        for each, files in data.items()
        if each in manifests
    ]


def _export(delivery: _Delivery, files: list[str]) -> Export:
    return Export(delivery.name, tuple(sorted(files)), delivery.month, delivery.moment)


def _delivery(name: str) -> _Delivery | None:
    for pattern in _PERIODS:
        if found := pattern.fullmatch(name):
            rest = PurePosixPath(found["rest"]).parent.as_posix()
            try:
                month = date(int(found["y"]), int(found["m"]), 1)
            except ValueError:
                return None
            return _Delivery(found["root"], month, "" if rest == "." else rest)
    return None


def _listed(listing: Listing, manifest: str, files: list[str]) -> list[str]:
    """The delivery's files that its manifest lists; raises SourceError where one is missing."""
    try:
        said = msgspec.json.decode(listing.read(manifest))
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise SourceError(f"{manifest}: no JSON: deliver or copy it again") from None
    by_name = {PurePosixPath(name).name: name for name in files}
    listed = {PurePosixPath(path).name: path for path in _paths(said)}
    if not listed:
        return files
    lost = sorted(path for name, path in listed.items() if name not in by_name)
    if lost:
        raise SourceError(
            f"{manifest} lists {lost[0]}, which is not there: deliver or copy it again"
        )
    return [by_name[name] for name in listed]


def _paths(said: Any) -> Iterator[str]:
    """Data files wherever the manifest has them: `dataFiles`, `reportKeys`, objects with a path."""
    if isinstance(said, str) and said.lower().endswith(TABLE_FILES):
        yield said
    elif isinstance(said, list):
        for each in said:
            yield from _paths(each)
    elif isinstance(said, dict):
        for key, each in said.items():
            if key not in _BESIDE:
                yield from _paths(each)
