"""A usage of a shape that is known lands as it would if it were decoded."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from ingestion.reading.usage import raw_usage
from ingestion.reading.usage.raw_usage import SEEN_OFTEN, as_it_stands, known_usage

USAGE = {
    "prompt_tokens": 120,
    "completion_tokens": 0,
    "cost": 0.0404275,
    "prompt_tokens_details": {"cached_tokens": 7, "text_tokens": None, "n1": [1, 2]},
    "cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 0},
    "service_tier": "standard",
}
NUMBERS = (
    *("0", "7", "999999999999999", "9999999999999999", "9" * 30, "-1", "-0", "012", "1e5", "1E-7"),
    *("0.5", "0.0", "0.50", "1.", ".5", "-0.5", "0.0001", "0.00001", "123.000000000001"),
    *("0.1234567890123456789", "999.123456789012", "1234567.25", "NaN", "Infinity", "1_0", "1 0"),
    *(
        "null",
        "true",
        '"7"',
        '"standard"',
        '"a b"',
        "{}",
        "[]",
        "[7]",
        '{"n": 7}',
        "",
        "7,",
        "\x007",
    ),
)
NAMES = ("n2", "n", "1n", "n1 ", "n\\u0031", "sk-abcdefgh12345", "n1: 5, x", "n1\xff", "cost")


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    _forget()
    yield
    _forget()


def _forget() -> None:
    raw_usage._SHAPES.clear()
    raw_usage._SEEN.clear()


def _learned(*usages: Any) -> None:
    for usage in usages:
        for _ in range(SEEN_OFTEN):
            known_usage(json.dumps(usage).encode())


def _assert_as_decoded(literals: list[bytes]) -> None:
    by_shape = list(map(known_usage, literals))
    for literal, landed in zip(literals, by_shape, strict=True):
        _forget()
        assert known_usage(literal) == landed, literal


def test_only_numbers_may_differ_from_what_is_known() -> None:
    known = json.dumps(USAGE)
    assert as_it_stands(known.encode()) is None
    _learned(USAGE)
    other = known.replace("120", "4711").replace("0.0404275", "12.5")
    assert as_it_stands(other.encode()) == other.replace(" ", "")
    for odd in (
        known.replace("standard", "fast"),
        known.replace("n1", "n2"),
        known.replace(" ", ""),
    ):
        assert as_it_stands(odd.encode()) is None


@pytest.mark.parametrize("seed", range(8))
def test_numbers_and_names_of_any_form_land_as_decoded(seed: int) -> None:
    random = Random(seed)
    _learned(USAGE, USAGE | {"cost": 7}, USAGE | {"service_tier": "7"})
    known = json.dumps(USAGE)
    literals = []
    for _ in range(300):
        literal = known
        for number in random.sample(["120", "0.0404275", "7", "5,", " 0}", '"standard"'], 2):
            literal = literal.replace(number, random.choice(NUMBERS), 1)
        if random.random() < 0.3:
            literal = literal.replace('"n1"', f'"{random.choice(NAMES)}"')
        literals.append(literal.encode("latin-1"))
    _assert_as_decoded(literals)


def test_what_does_not_land_whole_is_no_shape() -> None:
    for usage in (
        *({"text": "a b"}, {"a name": 1}, {"sk-abcdefgh12345": 1}, {"cost": 1e-7}, {"n": [[]]}),
        {"note": "hello"},
    ):
        _learned(usage)
        assert as_it_stands(json.dumps(usage).encode()) is None, usage
    twice = b'{"n": 1, "n": 2}'
    for _ in range(9):
        assert known_usage(twice) == '{"n":2}'


def test_shapes_are_bounded() -> None:
    _learned(*({f"name_{number}": number} for number in range(raw_usage.MOST_SHAPES + 9)))
    assert sum(map(len, raw_usage._SHAPES.values())) == raw_usage.MOST_SHAPES
    last = json.dumps({f"name_{raw_usage.MOST_SHAPES + 8}": 5})
    assert known_usage(last.encode()) == last.replace(" ", "")
