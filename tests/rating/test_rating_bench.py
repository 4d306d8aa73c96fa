"""The short form of `make bench-rating`: all that it compares, and no time."""

import warnings
from importlib.util import find_spec

import pytest

from benchmarks.rating.agreement import ANOTHER_PRICE, NOT_IN_FORCE, UNDERSTANDINGS
from benchmarks.rating.measured import Measured, Size, measure
from benchmarks.rating.peers import genai_prices, litellm
from benchmarks.rating.report import page
from tests.pipeline.compiled_project import CompiledProject

SIZE = Size(requests=6_000, sampled=1_200, rounds=1, seed=20261120)
# genai-prices dates the end of its long-context price, litellm's map has none
OTHERWISE_PRICED = f"{ANOTHER_PRICE}: anthropic claude-sonnet-4-5"


@pytest.fixture(scope="module")
def measured(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """Totals by aggregate and by rows are equal, or this raises."""
    peers = [genai_prices(), *([litellm()] if find_spec("litellm") else [])]
    file = tmp_path_factory.mktemp("bench") / "bench.duckdb"
    return measure(project, file, peers, SIZE, lambda _: None)


def test_every_meter_has_a_total(measured: Measured) -> None:
    names, meters = zip(*measured.totals, strict=True)
    assert len(set(names)) == 19
    assert {"input", "cache_read", "cache_write_5m", "cache_write_1h", "output"} < set(meters)
    assert measured.rows_written > 2 * SIZE.requests


def test_genai_prices_says_the_same_of_every_request_with_a_price(measured: Measured) -> None:
    _, found = measured.peers[0]
    assert found.ours == found.theirs > 0
    assert found.agreeing + found.differing.total() == SIZE.sampled
    assert found.differing.keys() <= {NOT_IN_FORCE}
    assert found.agreeing > 0.99 * SIZE.sampled


def test_litellm_says_the_same_or_it_is_known_why_not(measured: Measured) -> None:
    if len(measured.peers) == 1:
        warnings.warn("litellm is not installed, not compared: `make bench-setup`", stacklevel=1)
        return
    _, found = measured.peers[1]
    assert abs(found.ours - found.theirs) < found.ours / 10**9
    assert found.agreeing + found.differing.total() == SIZE.sampled
    assert found.differing.keys() <= {NOT_IN_FORCE, OTHERWISE_PRICED, *UNDERSTANDINGS}
    assert found.agreeing > 0.9 * SIZE.sampled


def test_the_page_has_a_line_for_each(measured: Measured) -> None:
    text = page(measured, SIZE)
    assert f"| aggregate | {SIZE.requests:,} |" in text
    assert all(rate.name in text for rate, _ in measured.peers)
