"""Reading a gateway's objects by chunks, each of which one process reads and writes alone."""

import hashlib
import importlib
import multiprocessing
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Final, cast

from ingestion.landing.batches import LandedFile, LandedObject
from ingestion.landing.landing import Landing, open_landing
from ingestion.landing.tables.rows import LandedRows, ReadObject, date_hint
from ingestion.process_setup import prepare_worker, reading
from ingestion.records import Parsed, Reject, UnreadableObject
from ingestion.secret_forms import landed_name
from ingestion.storage.objects import Storage, open_storage
from ingestion.storage.stored import Content, ObjectInfo
from ingestion.workspace.formats import GatewayReader
from ingestion.workspace.sections.memory import usable_memory
from ingestion.workspace.sources import Gateway

# done, total: objects
Progress = Callable[[int, int], None]

# The version of what cannot be opened: its reason's hash follows.
UNREADABLE: Final = "unreadable:"
# Bytes that each process reads of one chunk, as their objects' sizes promise.
CHUNK_BYTES: Final = 64 * 2**20
# Logs compress about eight times; opening an object costs as much as reading a few KB.
COMPRESSED: Final = (".gz", ".gzip", ".zst", ".parquet")
COMPRESSION: Final = 8
OPENING: Final = 2048
# Arrow bytes of a chunk's rows before they are written: what compresses better than it weighs, as
# traces that repeat themselves do, takes no more memory.
GATHERED: Final = 32 * 2**20
# What a process holds that reads a chunk: its bytes, its rows as columns, its files.
A_WORKER: Final = 640 * 2**20
# Less than this is read by one process: a further one starts in 0.2 CPU seconds, half of this much.
PARALLEL_BYTES: Final = 48 * 2**20


@dataclass(frozen=True, slots=True)
class Candidate:
    """An object that may be new; `known` is the version of it that is landed.

    `stands`: records of it landed, read as now or otherwise.
    """

    name: str
    object_no: int
    weight: int
    known: str | None
    stands: bool


@dataclass(frozen=True, slots=True)
class Chunk:
    gateway: Gateway
    reader: str  # its module, which the process that reads the chunk imports
    landing: str
    number: int
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class ReadChunk:
    """`unopened`: a sentence for each object that landed before and cannot be opened now."""

    objects: list[LandedObject]
    files: list[LandedFile]
    unopened: dict[str, str]


def candidates(
    infos: Iterable[ObjectInfo],
    known: Mapping[str, LandedObject],
    standing: Mapping[str, LandedObject],
) -> list[Candidate]:
    """Objects whose listed version is not landed, or that must be read to know, day by day.

    `known` are those that were read as they would be read now, `standing` all that landed.
    """
    versions = {name: landed.version for name, landed in known.items()}
    changed = [
        info
        for info in infos
        if info.version is None or info.version != versions.get(landed_name(info.name))
    ]
    # by day first: a chunk then writes to few date folders, whatever comes first in the names
    changed.sort(key=lambda info: (date_hint(info.name), info.name))
    return [
        Candidate(
            name=info.name,
            object_no=object_no,
            weight=OPENING + info.size * (COMPRESSION if info.name.endswith(COMPRESSED) else 1),
            known=versions.get(landed_name(info.name)),
            stands=_stands(standing.get(landed_name(info.name))),
        )
        for object_no, info in enumerate(changed)
    ]


def _stands(landed: LandedObject | None) -> bool:
    return landed is not None and landed.landed > 0


def read_chunks(
    gateway: Gateway,
    *,
    reader: str,
    landing: Landing,
    number: int,
    found: list[Candidate],
    progress: Progress,
) -> ReadChunk:
    """Reads what is new among the candidates and writes its files, in processes if it is much."""
    location = landing.storage.location
    chunks = [Chunk(gateway, reader, location, number, part) for part in _parts(found)]
    objects: list[LandedObject] = []
    files: list[LandedFile] = []
    unopened: dict[str, str] = {}
    done = 0
    with reading() if chunks else nullcontext():
        for chunk, read in _results(chunks, sum(candidate.weight for candidate in found)):
            objects += read.objects
            files += read.files
            unopened |= read.unopened
            done += len(chunk.candidates)
            progress(done, len(found))
    objects.sort(key=lambda landed: landed.object_no)
    return ReadChunk(objects, sorted(files, key=lambda file: file.path), unopened)


def _results(chunks: list[Chunk], weight: int) -> Iterator[tuple[Chunk, ReadChunk]]:
    readers = 1 if weight < PARALLEL_BYTES else min(len(chunks), _most_readers())
    if readers < 2:
        for chunk in chunks:
            yield chunk, read_chunk(chunk)
        return
    # spawn: the caller may hold locks and threads that a fork would copy half-way
    pool = ProcessPoolExecutor(
        max_workers=readers - 1,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=prepare_worker,
    )
    with pool:
        futures = {pool.submit(read_chunk, chunk): chunk for chunk in chunks}
        try:
            for future, chunk in reversed(list(futures.items())):
                if future.cancel():  # no process has begun it: this one reads, too
                    del futures[future]
                    yield chunk, read_chunk(chunk)
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _most_readers() -> int:
    """As many as there are cores, two at least, where half of the memory holds them; one always."""
    return max(1, min(max(2, os.cpu_count() or 2), usable_memory() // 2 // A_WORKER))


def _parts(found: list[Candidate]) -> Iterator[tuple[Candidate, ...]]:
    total = sum(candidate.weight for candidate in found)
    # two workers share what one chunk could hold, once it is worth starting them
    limit = min(CHUNK_BYTES, max(total // 2, PARALLEL_BYTES // 4))
    part: list[Candidate] = []
    weight = 0
    for candidate in found:
        if part and weight + candidate.weight > limit:
            yield tuple(part)
            part, weight = [], 0
        part.append(candidate)
        weight += candidate.weight
    if part:
        yield tuple(part)


def read_chunk(chunk: Chunk) -> ReadChunk:
    """Reads one chunk; runs in a process of its own, which opens storage anew."""
    gateway = chunk.gateway
    landing = open_landing(chunk.landing)
    rows = LandedRows(landing, gateway.name, chunk.number, gateway.rejects_kept, GATHERED)
    unopened: dict[str, str] = {}
    storage = open_storage(gateway.location)
    contents = _contents(storage, [candidate.name for candidate in chunk.candidates])
    for candidate in chunk.candidates:
        # nobody holds its bytes any more when the next one is fetched
        read = _read_new(chunk, candidate, next(contents)[1], storage)
        if isinstance(read, UnreadableObject):
            unopened[candidate.name] = f"{gateway.name}: {read}; what landed of it before stands"
        elif read is not None:
            rows.add(read)
    contents.close()
    files = rows.write()
    return ReadChunk(rows.objects, files, unopened)


def _read_new(
    chunk: Chunk, candidate: Candidate, content: Content | UnreadableObject, storage: Storage
) -> ReadObject | UnreadableObject | None:
    """None for what is landed as it is; the error of what landed and cannot be opened now."""
    name, number = candidate.name, candidate.object_no
    if isinstance(content, UnreadableObject):
        if candidate.stands:
            return content
        content, parsed = _unreadable(str(content).removeprefix(f"{storage.location}/{name}: "))
        if content.version == candidate.known:
            return None
    elif content.version == candidate.known:
        return None
    else:
        reader = cast(GatewayReader, importlib.import_module(chunk.reader))
        parsed = _read(reader, chunk.gateway, name, content)
    return ReadObject(name, number, content.version, hash_of(content), parsed)


def _read(reader: GatewayReader, gateway: Gateway, name: str, content: Content) -> Parsed:
    try:
        return reader.read_object(content.data, name, gateway)
    except Exception as error:
        error.add_note(f"while reading {gateway.location}/{landed_name(name)}")
        raise


def _contents(
    storage: Storage, names: list[str]
) -> Generator[tuple[str, Content | UnreadableObject]]:
    """In the order of the names; one that cannot be opened has its error."""
    done = 0
    while done < len(names):
        try:
            for fetched in storage.get_many(names[done:]):
                done += 1
                yield fetched
                del fetched  # before the next one
        except UnreadableObject as error:
            done += 1
            yield names[done - 1], error


def is_unreadable(landed: LandedObject) -> bool:
    """True for an object of which nothing was read, not even its bytes."""
    return landed.version.startswith(UNREADABLE)


def _unreadable(why: str) -> tuple[Content, Parsed]:
    """An object that cannot be opened, as one lost record; read again as soon as it can be."""
    digest = hashlib.sha256(why.encode()).hexdigest()
    content = Content(b"", f"{UNREADABLE}{digest}")
    return content, Parsed(1, {"requests": []}, [Reject(0, why, extent="object")])


def hash_of(content: Content) -> str:
    """Content hash, whatever the storage calls its versions."""
    if content.version.startswith("sha256:"):
        return content.version
    return f"sha256:{hashlib.sha256(content.data).hexdigest()}"
