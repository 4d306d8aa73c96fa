"""An object's bytes as they were logged, whatever they were compressed with."""

import zlib
from dataclasses import dataclass
from typing import Final, Protocol

import zstandard

GZIP: Final = b"\x1f\x8b"
ZSTD: Final = b"\x28\xb5\x2f\xfd"
# Bytes fed at once: what stands before damage is lost only within one step.
STEP: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Decompressed:
    """`damage` says why `data` is only the readable beginning; None when it is everything."""

    data: bytes
    damage: str | None = None


class _Stream(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def decompress(data: bytes) -> Decompressed:
    """Plain, gzip or zstd by magic bytes; several members or frames in a row are one content."""
    if data.startswith(GZIP):
        return _inflate(data, "gzip")
    if data.startswith(ZSTD):
        return _inflate(data, "zstd")
    return Decompressed(data)


def _inflate(data: bytes, kind: str) -> Decompressed:
    parts: list[bytes] = []
    rest = data
    while rest:
        stream = _stream(kind)
        position = 0
        try:
            while position < len(rest) and not stream.eof:
                parts.append(stream.decompress(rest[position : position + STEP]))
                position += STEP
        except (zlib.error, zstandard.ZstdError):
            return Decompressed(b"".join(parts), f"damaged {kind}")
        if not stream.eof:
            return Decompressed(b"".join(parts), f"truncated {kind}")
        rest = stream.unused_data + rest[position:]
    return Decompressed(b"".join(parts))


def _stream(kind: str) -> _Stream:
    if kind == "gzip":
        return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    return zstandard.ZstdDecompressor().decompressobj()
