"""Reading a gateway's objects by chunks, each of which one process reads and writes alone."""

import hashlib
import importlib
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Final, cast

from ingestion.batches import LandedFile, LandedObject
from ingestion.formats import GatewayReader
from ingestion.landed_rows import LandedRows, ReadObject, date_hint
from ingestion.landing import Landing, open_landing
from ingestion.storage import Content, ObjectInfo, open_storage
from ingestion.workspace import Gateway

# done, total: objects
Progress = Callable[[int, int], None]

# A chunk's rows and objects are in memory at once, in each process.
CHUNK_BYTES: Final = 64 * 2**20
# Logs compress about eight times; opening an object costs as much as reading a few KB.
COMPRESSED: Final = (".gz", ".gzip", ".zst")
COMPRESSION: Final = 8
OPENING: Final = 2048
# Starting worker processes takes about a second, in which one process reads this much.
PARALLEL_BYTES: Final = 48 * 2**20


@dataclass(frozen=True, slots=True)
class Candidate:
    """An object that may be new; `known` is the version of it that is landed."""

    name: str
    object_no: int
    weight: int
    known: str | None


@dataclass(frozen=True, slots=True)
class Chunk:
    gateway: Gateway
    reader: str  # its module, which the process that reads the chunk imports
    landing: str
    number: int
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class ReadChunk:
    objects: list[LandedObject]
    files: list[LandedFile]


def candidates(infos: Iterable[ObjectInfo], known: dict[str, LandedObject]) -> list[Candidate]:
    """Objects whose listed version is not landed, or that must be read to know, day by day.

    `known` are those that were read as they would be read now.
    """
    changed = [
        info
        for info in infos
        if info.version is None
        or info.name not in known
        or info.version != known[info.name].version
    ]
    # by day first: a chunk then writes to few date folders, whatever comes first in the names
    changed.sort(key=lambda info: (date_hint(info.name), info.name))
    return [
        Candidate(
            name=info.name,
            object_no=object_no,
            weight=OPENING + info.size * (COMPRESSION if info.name.endswith(COMPRESSED) else 1),
            known=known[info.name].version if info.name in known else None,
        )
        for object_no, info in enumerate(changed)
    ]


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
    done = 0
    for chunk, read in _results(chunks, sum(candidate.weight for candidate in found)):
        objects += read.objects
        files += read.files
        done += len(chunk.candidates)
        progress(done, len(found))
    objects.sort(key=lambda landed: landed.object_no)
    return ReadChunk(objects, sorted(files, key=lambda file: file.path))


def _results(chunks: list[Chunk], weight: int) -> Iterator[tuple[Chunk, ReadChunk]]:
    if weight < PARALLEL_BYTES or len(chunks) < 2:
        for chunk in chunks:
            yield chunk, read_chunk(chunk)
        return
    # spawn: the caller may hold locks and threads that a fork would copy half-way
    pool = ProcessPoolExecutor(
        max_workers=min(len(chunks), max(2, os.cpu_count() or 2)),
        mp_context=multiprocessing.get_context("spawn"),
    )
    with pool:
        futures = {pool.submit(read_chunk, chunk): chunk for chunk in chunks}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            pool.shutdown(cancel_futures=True)


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
    reader = cast(GatewayReader, importlib.import_module(chunk.reader))
    gateway = chunk.gateway
    rows = LandedRows(open_landing(chunk.landing), gateway.name, chunk.number, gateway.rejects_kept)
    contents = open_storage(chunk.gateway.location).get_many(c.name for c in chunk.candidates)
    for candidate, (name, content) in zip(chunk.candidates, contents, strict=True):
        if content.version == candidate.known:
            continue
        try:
            parsed = reader.read_object(content.data, name, chunk.gateway)
        except Exception as error:
            error.add_note(f"while reading {chunk.gateway.location}/{name}")
            raise
        rows.add(ReadObject(name, candidate.object_no, content.version, hash_of(content), parsed))
    files = rows.write()
    return ReadChunk(rows.objects, files)


def hash_of(content: Content) -> str:
    """Content hash, whatever the storage calls its versions."""
    if content.version.startswith("sha256:"):
        return content.version
    return f"sha256:{hashlib.sha256(content.data).hexdigest()}"
