"""What a column and a table of a reference CSV are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Column:
    """`read` makes the value of a text; an empty text is `empty`, or an error if `required`.

    `in_header`: the column must be there, even if a cell may be empty.
    """

    arrow: pa.DataType
    read: Callable[[str], Any]
    required: bool = False
    empty: Any = None
    in_header: bool = False


@dataclass(frozen=True, slots=True)
class ReferenceTable:
    """`key`: columns that may not say two things of one moment; those in `globs` may be globs."""

    columns: Mapping[str, Column]
    key: tuple[str, ...]
    globs: tuple[str, ...] = ()
    # exactly one of these must be given
    any_of: tuple[str, ...] = ()
    # one or more of these must be given
    some_of: tuple[str, ...] = ()
    # what values of a row say against each other, `column: what is wrong`
    problem: Callable[[dict[str, Any]], str | None] | None = None
