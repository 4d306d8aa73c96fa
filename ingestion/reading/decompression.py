"""An object's bytes as they were logged, whatever they were compressed with."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import zstandard

from ingestion.workspace.object_limits import DEFAULT_LIMITS, ObjectLimits

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
