"""The short form of `make accuracy`: a flawless company, and all faults together."""

import pytest

from accuracy.cases import Result, run_cases
from accuracy.faults import ALL_TOGETHER
from accuracy.measure import Bench

CASES = (ALL_TOGETHER,)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    bench = Bench(tmp_path_factory.mktemp("accuracy") / "company")
    return {result.case: result for result in run_cases(CASES, bench)}


def test_a_flawless_company_is_found_whole(results: dict[str, Result]) -> None:
    flawless = results[""]
    assert flawless.joint == 1
    assert flawless.is_right, flawless


@pytest.mark.parametrize("case", CASES)
def test_a_fault_is_found_where_it_must_stand(results: dict[str, Result], case: str) -> None:
    result = results[case]
    assert result.is_right, result


def test_what_must_stand_somewhere_is_money(results: dict[str, Result]) -> None:
    """Nothing is right by expecting nothing."""
    expected = results[ALL_TOGETHER].expected
    places = ("unlogged_usage", "outside_gateway", "unparsed", "tax", "credit")
    assert all(expected[place] for place in (*places, "rate_variance", "quantity_variance"))
