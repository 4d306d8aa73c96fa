"""One source into the landing: what is new of it becomes one batch."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.landing.batches import SHAPE, Batch, LandedObject, Plan
from ingestion.landing.chunks import Progress, candidates, is_unreadable, read_chunks
from ingestion.landing.gone_objects import unread_again
from ingestion.landing.key import landing_key
from ingestion.landing.landing import Landing
from ingestion.landing.reshaping import reshape
from ingestion.process_setup import without_pandas
from ingestion.reference.rules.places import rule_places
from ingestion.secret_forms import landed_name
from ingestion.storage.objects import open_storage
from ingestion.storage.seen_files import NONE_SEEN, SeenFiles
from ingestion.storage.stored import ObjectInfo
from ingestion.workspace import formats
from ingestion.workspace.formats import BillReader, GatewayReader
from ingestion.workspace.sources import Gateway


@dataclass(frozen=True, slots=True)
class LoadResult:
    """`batch` is None when nothing was new. Counts are of the new objects, in records, of which
    `foreign` are no calls of a model; `unopened` are listed objects that cannot be opened now.
    """

    objects_seen: int
    objects_new: int
    records: int
    landed: int
    quarantined: int
    batch: int | None
    warnings: tuple[str, ...] = ()
    unopened: int = 0
    foreign: int = 0


def silent(done: int, total: int) -> None:
    """The progress of a load that nobody watches."""


def load_gateway(
    gateway: Gateway, landing: Landing, progress: Progress = silent, seen: SeenFiles = NONE_SEEN
) -> LoadResult:
    """Lands every new or changed object of a gateway's logs; all of them or none.

    Raises SourceError when the source or the landing cannot be used.
    """
    infos = seen.versioned(_listed(gateway))
    # before the reader, which makes values of Arrow where it is imported
    without_pandas()
    reader = formats.gateway_reader(gateway.format)
    gateway = named_for(gateway, landing)
    fingerprint = gateway_fingerprint(gateway)
    standing: dict[str, LandedObject] = {}
    unopened: dict[str, str] = {}

    def read(plan: Plan) -> Batch:
        standing.clear()
        standing.update(plan.current(gateway.name))
        found = candidates(infos, plan.current(gateway.name, fingerprint), standing)
        chunks = read_chunks(
            gateway,
            reader=reader.__name__,
            landing=landing,
            number=plan.number,
            found=found,
            progress=progress,
        )
        standing.update((landed.object, landed) for landed in chunks.objects)
        unopened.clear()
        unopened.update(chunks.unopened)
        return Batch(
            batch=plan.number,
            source=gateway.name,
            kind=formats.gateway_kind(gateway.format),
            reader_version=formats.reader_version(gateway.format),
            objects=[*chunks.objects, *_taken_out(standing, infos, len(found))],
            files=chunks.files,
            replaces=[],
            fingerprint=fingerprint,
            attributes=SHAPE,
        )

    result = land(gateway.name, landing, read, len(infos))
    seen.keep(infos, _read_versions(infos, standing, unopened))
    reshape(landing, gateway)
    absent = _absent_columns(gateway.name, standing.values())
    gone = unread_again(landing, gateway, infos, formats.reader_version(gateway.format))
    listed = {landed_name(info.name) for info in infos}
    never = sum(is_unreadable(each) for name, each in standing.items() if name in listed)
    return replace(
        result,
        warnings=(*sorted(unopened.values()), *absent, *gone),
        unopened=len(unopened) + never,
    )


def _listed(gateway: Gateway) -> Iterator[ObjectInfo]:
    # what is pulled from has no folder before its first record
    pulled = gateway.database is not None or gateway.api is not None
    return open_storage(gateway.location).list(may_be_missing=pulled)


def _read_versions(
    infos: Iterable[ObjectInfo], landed: Mapping[str, LandedObject], unopened: Collection[str]
) -> dict[str, str]:
    """Version of each listed object that could be read."""
    current = {info.name: landed.get(landed_name(info.name)) for info in infos}
    return {
        name: object_.version
        for name, object_ in current.items()
        if object_ and name not in unopened and not is_unreadable(object_)
    }


def _taken_out(
    standing: Mapping[str, LandedObject], infos: Iterable[ObjectInfo], first_no: int
) -> list[LandedObject]:
    """Objects that could never be opened and are not there any more: nothing of them is lost."""
    listed = {landed_name(info.name) for info in infos}
    names = sorted(name for name, each in standing.items() if is_unreadable(each))
    gone = [name for name in names if name not in listed]
    return [
        LandedObject(name, number, "taken out", 0, 0, 0, "")
        for number, name in enumerate(gone, start=first_no)
    ]


def warn_of_gone(gateway: Gateway, landing: Landing) -> list[str]:
    """What a load would say of objects that have landed and are gone; loads nothing."""
    infos = list(_listed(gateway))
    named = named_for(gateway, landing, make_key=False)
    return unread_again(landing, named, infos, formats.reader_version(gateway.format))


def _absent_columns(source: str, objects: Iterable[LandedObject]) -> Iterator[str]:
    """One sentence for each column that tollbook.yaml names and no record of an object has."""
    without: dict[str, list[str]] = {}
    for landed in objects:
        for column in landed.absent:
            without.setdefault(column, []).append(landed.object)
    for column, names in sorted(without.items()):
        more = f" and of {len(names) - 1} more objects" if len(names) > 1 else ""
        yield (
            f"{source}: no record of {min(names)}{more} has the column {column}: it is empty there;"
            " is its name under `columns` in tollbook.yaml right?"
        )


def named_for(gateway: Gateway, landing: Landing, *, make_key: bool = True) -> Gateway:
    """With all that rules name too, and the landing's key."""
    named = gateway.named.also(rule_places(gateway.named.reference))
    key = landing_key(landing.storage, make=make_key)
    return replace(gateway, named=replace(named, key=key))


def gateway_fingerprint(gateway: Gateway) -> str:
    """Of a gateway that `named_for` made: which objects were read as they would be read now."""
    reader = formats.gateway_reader(gateway.format)
    decisive = (*gateway.named.decisive, repr(gateway.limits))
    return fingerprint_of(reader, gateway.format, gateway.options, named=decisive)


def land(source: str, landing: Landing, read: Callable[[Plan], Batch], seen: int) -> LoadResult:
    """Commits what `read` made; when another source came first, it only gets the next number."""
    made: tuple[dict[str, LandedObject], Batch] | None = None

    def attempt(plan: Plan) -> Batch | None:
        nonlocal made
        known = plan.current(source)
        again = made and made[0] == known
        made = (known, _renumbered(made[1], landing, plan) if made and again else read(plan))
        return made[1] if made[1].objects else None

    return _result(landing.change(attempt), seen)


def _renumbered(batch: Batch, landing: Landing, plan: Plan) -> Batch:
    """The batch under the plan's number, which stands in every row."""
    files = []
    for file, data in zip(batch.files, landing.read(batch.files), strict=True):
        rows = pq.read_table(BytesIO(data))
        number = pa.array([plan.number] * rows.num_rows, pa.int64())
        position = rows.schema.get_field_index("batch")
        rows = rows.set_column(position, rows.schema.field(position), number)
        files.append(
            landing.write(
                number=plan.number,
                table=file.table,
                source=batch.source,
                usage_date=file.usage_date,
                rows=rows,
            )
        )
    return msgspec.structs.replace(batch, batch=plan.number, files=files)


def fingerprint_of(
    reader: GatewayReader | BillReader,
    source_format: str,
    options: Mapping[str, Any],
    account: str = "",
    named: tuple[str, ...] = (),
) -> str:
    """Hash of what decides, beside the objects' bytes, which rows they become."""
    decisive = (
        *(reader.READER_VERSION, SHAPE, source_format, sorted(options.items()), account),
        named,
    )
    return hashlib.blake2b(repr(decisive).encode(), digest_size=16).hexdigest()


def _result(batch: Batch | None, seen: int) -> LoadResult:
    objects = batch.objects if batch else []
    return LoadResult(
        objects_seen=seen,
        objects_new=len(objects),
        records=sum(landed.records for landed in objects),
        landed=sum(landed.landed for landed in objects),
        quarantined=sum(landed.quarantined for landed in objects),
        batch=batch.batch if batch else None,
        foreign=sum(landed.foreign for landed in objects),
    )
