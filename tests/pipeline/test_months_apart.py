"""Months are built apart: one thing changed in one, and every one is as a fresh build has it."""

from collections.abc import Callable

import pytest
from compiled_project import CompiledProject
from months_company import (
    CHANGES,
    MONTHS,
    MORE_CHANGES,
    Change,
    MonthsCompany,
    a_line_within_a_month,
    write_months,
)

from ingestion.workspace.settings import Workspace

Compiled = Callable[[Workspace], CompiledProject]
# Charges of a month that a request of the next one explains.
CROSSING = (
    "select count(distinct billing_month) from fct_cost_allocations"
    " where match_level = 'neighbour' and usage_date > last_day(billing_month)"
)


@pytest.fixture(scope="module")
def company(compiled: Compiled, tmp_path_factory: pytest.TempPathFactory) -> MonthsCompany:
    folder = tmp_path_factory.mktemp("months")
    write_months(folder)
    company = MonthsCompany(compiled, folder)
    assert company.months_made() >= {month.month for month in MONTHS}
    assert company.value(CROSSING) == len(MONTHS) - 1
    return company


def assert_months_are_as_fresh(company: MonthsCompany, months: set[int]) -> None:
    assert company.months_made() == months
    found = company.allocations()
    anew = company.anew()
    differing = [name for name in found if found[name] != anew[name]]
    assert not differing


@pytest.mark.parametrize(
    ("change", "months"),
    [*CHANGES, *(pytest.param(*each, marks=pytest.mark.slow) for each in MORE_CHANGES)],
)
def test_one_thing_changed_in_each_month_in_turn_equals_a_fresh_build(
    company: MonthsCompany, change: Change, months: set[int]
) -> None:
    change(company.folder)
    company.build()
    assert_months_are_as_fresh(company, months)


def test_dbt_lets_the_other_months_stand(company: MonthsCompany) -> None:
    a_line_within_a_month(company.folder)
    company.build_by_dbt()
    assert_months_are_as_fresh(company, {7})
