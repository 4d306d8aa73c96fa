"""Columns of whole numbers that the arithmetic of single counts takes, too."""

from dataclasses import dataclass
from typing import Union

import pyarrow as pa
import pyarrow.compute as pc

Number = Union["Numbers", int]


@dataclass(frozen=True, slots=True)
class Numbers:
    values: pa.Array  # int64 without NULL

    def __add__(self, other: Number) -> "Numbers":
        return Numbers(pc.add(self.values, _of(other)))

    __radd__ = __add__

    def __sub__(self, other: Number) -> "Numbers":
        return Numbers(pc.subtract(self.values, _of(other)))

    def __rsub__(self, other: Number) -> "Numbers":
        return Numbers(pc.subtract(_of(other), self.values))

    def larger(self, other: Number) -> "Numbers":
        return Numbers(pc.max_element_wise(self.values, _of(other)))

    def __gt__(self, other: Number) -> pa.Array:
        return pc.greater(self.values, _of(other))

    def __lt__(self, other: Number) -> pa.Array:
        return pc.less(self.values, _of(other))


def as_column(said: Number | pa.Array, length: int) -> pa.Array:
    """The column; a single value stands in each row."""
    if isinstance(said, Numbers):
        return said.values
    return said if isinstance(said, pa.Array) else pa.repeat(pa.scalar(said), length)


def _of(number: Number) -> pa.Array | pa.Scalar:
    return number.values if isinstance(number, Numbers) else pa.scalar(number, pa.int64())
