"""The short form of `make accuracy`: no fault, all faults together; and slow, each fault alone.

Runs of whole companies: in `make test` tests/pipeline/test_truth.py stands for them.
"""

from collections.abc import Collection, Iterable

import pytest

from accuracy.cases import Result, run_cases
from accuracy.measure import Bench
from simulation.faults.every_fault import ALL_TOGETHER, CLOUD_FAULTS, CLOUDS, FAULTS, FOCUS_CLOUDS


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    return measured(tmp_path_factory, (ALL_TOGETHER,))


@pytest.fixture(scope="module")
def each_alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    return measured(tmp_path_factory, FAULTS)


@pytest.fixture(scope="module")
def in_clouds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    return measured(tmp_path_factory, (ALL_TOGETHER,), CLOUDS)


def measured(
    tmp_path_factory: pytest.TempPathFactory, cases: Iterable[str], clouds: Collection[str] = ()
) -> dict[str, Result]:
    bench = Bench(tmp_path_factory.mktemp("accuracy") / "company")
    return {result.case: result for result in run_cases(cases, bench, clouds=clouds)}


@pytest.mark.whole
def test_a_flawless_company_is_found_whole(results: dict[str, Result]) -> None:
    flawless = results[""]
    assert flawless.joint == 1
    assert flawless.is_right, flawless


@pytest.mark.whole
def test_all_faults_together_are_found_where_they_must_stand(results: dict[str, Result]) -> None:
    result = results[ALL_TOGETHER]
    assert result.is_right, result


@pytest.mark.slow
@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_alone_is_found_where_it_must_stand(
    each_alone: dict[str, Result], case: str
) -> None:
    result = each_alone[case]
    assert result.is_right, result


@pytest.mark.whole
def test_what_must_stand_somewhere_is_money(results: dict[str, Result]) -> None:
    """Nothing is right by expecting nothing."""
    expected = results[ALL_TOGETHER].expected
    places = ("unlogged_usage", "outside_gateway", "unparsed", "tax", "credit")
    assert all(expected[place] for place in (*places, "rate_variance", "quantity_variance"))


# in short: the same of providers that bill themselves, above
@pytest.mark.whole
def test_a_flawless_company_in_clouds_is_found_whole(in_clouds: dict[str, Result]) -> None:
    assert in_clouds[""].joint == 1
    assert in_clouds[""].is_right, in_clouds[""]


@pytest.mark.whole
def test_all_faults_of_clouds_are_found_where_they_must_stand(in_clouds: dict[str, Result]) -> None:
    result = in_clouds[ALL_TOGETHER]
    assert result.is_right, result
    places = ("unlogged_usage", "outside_gateway", "unparsed", "tax", "credit", "rate_variance")
    assert all(result.expected[place] for place in places)


@pytest.mark.slow
def test_all_faults_are_found_on_bills_told_as_focus(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    result = measured(tmp_path_factory, (ALL_TOGETHER,), FOCUS_CLOUDS)[ALL_TOGETHER]
    assert result.is_right, result


@pytest.mark.slow
@pytest.mark.parametrize("case", CLOUD_FAULTS)
def test_a_fault_of_clouds_alone_is_found(
    tmp_path_factory: pytest.TempPathFactory, case: str
) -> None:
    result = measured(tmp_path_factory, (case,), CLOUDS)[case]
    assert result.is_right, result
