"""An object's bytes as they were logged, whatever they were compressed with."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import zstandard

from ingestion.workspace.sections.object_limits import DEFAULT_LIMITS, ObjectLimits

GZIP: Final = b"\x1f\x8b"
ZSTD: Final = b"\x28\xb5\x2f\xfd"
# Bytes fed at once: what stands before damage is lost only within one step. Of gzip at most `MOST`
# are made at once; four bytes of zstd can make 128 KiB.
STEP: Final = 16 * 1024
ZSTD_STEP: Final = 1024
MOST: Final = 2**20


@dataclass(frozen=True, slots=True)
class Decompressed:
    """`damage` says why `data` is only the readable beginning; None when it is everything."""

    data: bytes
    damage: str | None = None


class Damaged(Exception):
    """A compressed file that ends too soon or is broken; the message is the reason."""


def decompressed(file: BinaryIO) -> Iterator[bytes]:
    """The parts of a file of any length, plain, gzip or zstd; raises Damaged."""
    start = file.read(len(ZSTD))
    file.seek(0)
    if start.startswith(GZIP):
        parts, kind = _stream(file, lambda: zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)), "gzip"
    elif start == ZSTD:
        parts, kind = _stream(file, lambda: zstandard.ZstdDecompressor().decompressobj()), "zstd"
    else:
        yield from iter(lambda: file.read(MOST), b"")
        return
    try:
        yield from parts
    except _Truncated:
        raise Damaged(f"its {kind} is cut off") from None
    except (zlib.error, zstandard.ZstdError):
        raise Damaged(f"its {kind} is damaged") from None


def _stream(file: BinaryIO, member: Callable[[], Any]) -> Iterator[bytes]:
    """Of all members or frames in a row."""
    stream, fed = member(), file.read(STEP)
    while fed:
        yield stream.decompress(fed)
        if stream.eof:
            fed = stream.unused_data or file.read(STEP)
            if fed:
                stream = member()
        else:
            fed = file.read(STEP)
    if not stream.eof:
        raise _Truncated


class _Truncated(Exception):
    """The compressed bytes end before their content does."""


def decompress(data: bytes, limits: ObjectLimits = DEFAULT_LIMITS) -> Decompressed:
    """Plain, gzip or zstd by magic bytes; several members or frames in a row are one content."""
    if data.startswith(GZIP):
        return _collected(_gunzipped(data), "gzip", len(data), limits)
    if data.startswith(ZSTD):
        return _collected(_unzstd(data), "zstd", len(data), limits)
    if problem := limits.problem(len(data)):
        return Decompressed(data[: limits.object_max_mb * 2**20], problem)
    return Decompressed(data)


def _collected(
    parts: Iterator[bytes], kind: str, compressed: int, limits: ObjectLimits
) -> Decompressed:
    found, size = [], 0
    try:
        for part in parts:
            found.append(part)
            size += len(part)
            if problem := limits.problem(size, compressed):
                return Decompressed(b"".join(found), problem)
    except _Truncated:
        return Decompressed(b"".join(found), f"truncated {kind} object")
    except (zlib.error, zstandard.ZstdError):
        return Decompressed(b"".join(found), f"damaged {kind} object")
    return Decompressed(b"".join(found))


def _gunzipped(data: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(data):
        stream = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        while not stream.eof:
            fed = data[position : position + STEP]
            position += len(fed)
            part = stream.decompress(fed, MOST)
            if not fed and not part:
                raise _Truncated
            yield part
            while stream.unconsumed_tail:
                yield stream.decompress(stream.unconsumed_tail, MOST)
        position -= len(stream.unused_data)


def _unzstd(data: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(data):
        stream = zstandard.ZstdDecompressor().decompressobj()
        while not stream.eof:
            fed = data[position : position + ZSTD_STEP]
            if not fed:
                raise _Truncated
            position += len(fed)
            yield stream.decompress(fed)
        position -= len(stream.unused_data)
