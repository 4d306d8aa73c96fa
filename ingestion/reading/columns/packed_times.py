"""Columns of times as MessagePack has them.

Its timestamps are big-endian seconds since 1970 in 32 bits, or nanoseconds and seconds in 30 and
34. [msgpack/msgpack, spec.md]
"""

import sys
from array import array
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

OF_32: Final = b"\xd6\xff"
OF_64: Final = b"\xd7\xff"
SECOND: Final = pa.scalar(1_000_000, pa.int64())
# Below it whole seconds fit 32 bits; years 1970 to 2106.
MOST: Final = 2**32
_FOR_SECONDS: Final = pa.scalar(34, pa.uint64())
_NANOSECONDS: Final = pa.scalar(1000, pa.int64())
_NOTHING_BETWEEN: Final = pa.scalar(b"")


def packed_times(column: pa.Array) -> list[msgspec.Raw | None] | None:
    """Of microseconds, without a datetime of each; None for all where one has no such form."""
    given = column.cast(pa.int64())
    since = pc.fill_null(given, 0)
    seconds = pc.divide(since, SECOND)
    least, most = pc.min_max(since).values()
    if not len(column) or least.as_py() < 0 or most.as_py() // SECOND.as_py() >= MOST:
        return None
    part = pc.subtract(since, pc.multiply(seconds, SECOND))
    nanoseconds = pc.multiply(part, _NANOSECONDS).cast(pa.uint64())
    in_64 = pc.bit_wise_or(pc.shift_left(nanoseconds, _FOR_SECONDS), seconds.cast(pa.uint64()))
    packed = _packed(OF_64, in_64, array("Q"))
    whole = pc.equal(part, 0)
    if whole.true_count:
        packed = pc.if_else(whole, _packed(OF_32, seconds.cast(pa.uint32()), array("I")), packed)
    if not given.null_count:
        return list(map(msgspec.Raw, packed.to_pylist()))
    stands = pc.if_else(given.is_valid(), packed, pa.scalar(None, pa.binary()))
    return [None if said is None else msgspec.Raw(said) for said in stands.to_pylist()]


def _packed(kind: bytes, numbers: pa.Array, copied: "array[int]") -> pa.Array:
    size = copied.itemsize
    start, length = numbers.offset, len(numbers)
    copied.frombytes(memoryview(numbers.buffers()[1])[start * size : (start + length) * size])
    if sys.byteorder == "little":
        copied.byteswap()
    bytes_ = [None, pa.py_buffer(copied.tobytes())]
    fixed = pa.Array.from_buffers(pa.binary(size), length, bytes_)
    return pc.binary_join_element_wise(pa.scalar(kind), fixed.cast(pa.binary()), _NOTHING_BETWEEN)
