"""Names of many records are bounded as those of one."""

import pytest

from ingestion.reading.landed_text import LONGEST, LONGEST_KEY, bounded_name, bounded_names
from ingestion.secret_forms import LONGEST_NAME

NAME = "n" * LONGEST_NAME
WORD = "w" * (LONGEST_NAME + 1)
SENTENCE = "what was asked " * LONGEST_NAME


@pytest.mark.parametrize("column", ["request_key", "request_id"])
@pytest.mark.parametrize(
    "names",
    [
        [],
        [None, None],
        [NAME, None, ""],
        [WORD, None, "a b"],
        [WORD, WORD[::-1], NAME],
        [WORD, SENTENCE[:LONGEST]],
        [WORD, f"{WORD}\u2028{WORD}"],
        ["k" * LONGEST, "k" * (LONGEST + 1)],
        ["k" * LONGEST_KEY, "k" * (LONGEST_KEY + 1)],
    ],
)
def test_names_of_many_are_bounded_as_one_by_one(column: str, names: list[str | None]) -> None:
    singly = [None if name is None else bounded_name(column, name) for name in names]
    assert list(bounded_names(column, names)) == singly
