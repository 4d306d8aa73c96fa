"""Requests whose objects are gone, where they would be read otherwise today.

They stand as they were read, and what cannot be mended is told, with its days and dollars.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any, Final

import msgspec
import pyarrow.parquet as pq

from ingestion.landing.batches import Plan, visible
from ingestion.landing.landing import Landing
from ingestion.secret_forms import landed_name
from ingestion.storage.stored import ObjectInfo
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.sources import Gateway

COLUMNS: Final = ("batch", "object_no", "started_at", "gateway_cost", "unnamed_attributes")
_JSON: Final = msgspec.json.Decoder(dict[str, str | None])
# batch, object number
Lineage = tuple[int, int]


@dataclass(slots=True)
class _Requests:
    count: int = 0
    days: set[date] = field(default_factory=set)
    claimed: Decimal | None = None

    def add(self, row: dict[str, Any]) -> None:
        self.count += 1
        self.days.add(row["started_at"].date())
        if row.get("gateway_cost") is not None:
            self.claimed = (self.claimed or Decimal()) + row["gateway_cost"]

    def __str__(self) -> str:
        first, last = min(self.days), max(self.days)
        days = f"{first}" if first == last else f"{len(self.days)} days, {first} to {last}"
        cost = "of unknown cost" if self.claimed is None else f"{self.claimed:.2f} claimed"
        return f"{self.count} requests ({days}; {cost})"


def unread_again(
    landing: Landing, gateway: Gateway, infos: Iterable[ObjectInfo], reader_version: str
) -> list[str]:
    """One sentence for each thing that objects which are gone cannot say any more."""
    there = {landed_name(info.name) for info in infos}
    plan = landing.plan()
    gone = _gone(plan, gateway.name, there)
    if not gone:
        return []
    older, unsaid = _Requests(), defaultdict[str, _Requests](_Requests)
    for row in _rows(landing, plan, gateway.name, gone):
        if gone[row["batch"], row["object_no"]] != reader_version:
            older.add(row)
        for place in _needed(row, gateway.named):
            unsaid[place].add(row)
    told = [
        f"{gateway.name}: {requests} do not say {place}, which is named now: their objects are"
        " gone; put them back and they are read, or write rules with literal values, which find"
        " short ones"
        for place, requests in sorted(unsaid.items())
    ]
    if older.count:
        told.insert(
            0,
            f"{gateway.name}: {older} stand as an earlier reader read them: their objects are gone;"
            " put them back and they are read again",
        )
    return told


def _gone(plan: Plan, source: str, there: set[str]) -> dict[Lineage, str]:
    """Where the newest version of each object stands that is not there any more -> its reader."""
    newest = {
        landed.object: ((batch.batch, landed.object_no), batch.reader_version)
        for batch in plan.batches
        if batch.source == source
        for landed in batch.objects
    }
    return dict(read for name, read in newest.items() if name not in there)


def _rows(
    landing: Landing, plan: Plan, source: str, gone: dict[Lineage, str]
) -> Iterator[dict[str, Any]]:
    paths = [
        path
        for path, file in visible(plan.batches).items()
        if file.table == "requests" and path.split("/")[1] == source
    ]
    for _, content in landing.storage.get_many(paths):
        table = pq.read_table(BytesIO(content.data))
        held = table.select([name for name in COLUMNS if name in table.column_names])
        yield from (r for r in held.to_pylist() if (r["batch"], r["object_no"]) in gone)


def _needed(row: dict[str, Any], named: NamedPlaces) -> list[str]:
    """Places named now whose value did not land, and that no literal rule finds by its hash."""
    unnamed = row.get("unnamed_attributes")
    if not unnamed:
        return []
    return [
        place
        for place, hashed in _JSON.decode(unnamed).items()
        if (named.says(place) or named.covers(place))
        and not (hashed and place in named.literal_only)
        and not place.startswith("tag:")
    ]
