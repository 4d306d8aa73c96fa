"""What a column and a table of the reference CSVs are, and the columns that many of them share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from ingestion.contracts import END, INSTANT, START
from ingestion.reference.values import instant, lower_case, text, whole


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


TEXT: Final = Column(pa.string(), text)
NAME: Final = Column(pa.string(), text, required=True)
EVERY: Final = Column(pa.string(), text, empty="*")
EVERY_REGION: Final = Column(pa.string(), lower_case, empty="*")
ABOVE: Final = Column(pa.int64(), whole, empty=0)
VALIDITY: Final = {
    "valid_from": Column(INSTANT, instant, empty=START),
    "valid_to": Column(INSTANT, instant, empty=END),
}
