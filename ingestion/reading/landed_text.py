"""What the text columns of a request may hold: names and words, never a text or a secret.

The last thing that happens to a row before it leaves its reader.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.contracts import REQUESTS
from ingestion.records import Row
from ingestion.secret_forms import LONGEST_NAME, MARKS, text_digest, without_secrets

LONGEST: Final = 256  # characters of a name or id
LONGEST_KEY: Final = 512
# JSON that is made of known fields, and digests.
MADE: Final = frozenset(("raw_usage", "attributes", "unnamed_attributes", "content_hash"))
NAMES: Final = tuple(
    column.name for column in REQUESTS if column.type == pa.string() and column.name not in MADE
)
_NAMES: Final = itemgetter(*NAMES)
# A word of a provider's or gateway's vocabulary, and what stands for anything else.
WORD: Final = re.compile(r"[\w.:/+-]{1,64}")
ROUTE: Final = re.compile(r"[\w.:/+{}~%*@-]{1,256}")
WORDS: Final[dict[str, str | None]] = {
    **dict.fromkeys(("status", "finish_reason", "error_class", "operation"), "other"),
    "response_format": "other",
    **dict.fromkeys(("service_tier", "service_tier_asked"), None),
    **dict.fromkeys(("provider", "attempt_role", "cache_layer"), None),
}
VOCABULARY: Final = frozenset((*WORDS, "route"))


def bounded(row: Row) -> None:
    """Names and words of a whole row within their length; a longer name becomes its SHA-256, as
    distinct.
    """
    for column, value in zip(NAMES, _NAMES(row), strict=True):
        if not isinstance(value, str):
            continue
        if column in VOCABULARY:
            row[column] = _word(column, value)
        elif len(value) > LONGEST_NAME:
            row[column] = bounded_name(column, value)


@lru_cache(maxsize=4096)
def _word(column: str, value: str) -> str | None:
    if column == "route":
        path = value.partition("?")[0]
        return path if ROUTE.fullmatch(path) else None
    return value if WORD.fullmatch(value) or not value else WORDS[column]


def landed_name_of(column: str, value: str) -> str:
    """A name as its column has it when it lands."""
    return without_secrets(bounded_name(column, value))


def bounded_names(column: str, values: Sequence[str | None]) -> Sequence[str | None]:
    """`bounded_name` of each; one look tells where all are words that are short enough."""
    most = max(map(len, filter(None, values)), default=0)
    if most <= LONGEST_NAME:
        return values
    if most <= _longest(column) and len("".join(filter(None, values)).split()) == 1:
        return values
    return [value and bounded_name(column, value) for value in values]


def _longest(column: str) -> int:
    return LONGEST_KEY if column == "request_key" else LONGEST


def bounded_name(column: str, value: str) -> str:
    if len(value) <= LONGEST_NAME:
        return value
    longest = _longest(column)
    is_word = value.split() == [value]
    return value if is_word and len(value) <= longest else text_digest(value)


def clean_secrets(rows: Sequence[Row]) -> None:
    """Replaces secrets in every text of the rows; most rows have none, and one look tells all."""
    for index in _suspects(rows):
        row = rows[index]
        for column in NAMES:
            if isinstance(value := row.get(column), str):
                row[column] = without_secrets(value)


def _suspects(rows: Sequence[Row]) -> Iterable[Any]:
    # no form goes on over the end of a line
    try:
        texts = ["\n".join(filter(None, _NAMES(row))) for row in rows]
        found = pc.match_substring_regex(pa.array(texts, pa.string()), MARKS)
    except (TypeError, UnicodeEncodeError):
        # what is no text, or half a character, of which Arrow holds no text
        return range(len(rows))
    return pc.indices_nonzero(found).to_pylist()
