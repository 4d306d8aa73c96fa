"""Lines of a bill that say less, or something else, than logged tokens can be compared with."""

from decimal import Decimal

import pytest
from companies import Company, call, costs, line, log, write_company

from tests.pipeline.compiled_project import CompiledProject

INPUT = "gpt-4o-2024-08-06, input"


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    calls = [
        call(f"2026-10-{day:02}T10:00:00Z", "gpt-4o", 100, provider="openai", feature_tag="chat")
        for day in (5, 6, 7, 8)
    ]
    lines = [
        line("2026-10-05", INPUT, "1.50", "123.4567"),
        line("2026-10-06", INPUT, "3.00", 150),
        line("2026-10-07", INPUT, "3.00", "99999999999999999999"),
        line("2026-10-08", INPUT, "4.00", 100),
        line("2026-10-09", INPUT, "-4.00", "-0.5"),
    ]
    files = {"logs/proxy.jsonl": log(calls), "openai/costs.json": costs(*lines)}
    return Company(project, write_company(tmp_path_factory.mktemp("odd"), files))


def test_a_quantity_that_is_no_number_of_tokens_is_shown_and_not_compared(company: Company) -> None:
    """Its requests explain it whole, and the lines beside it are what they would be without it."""
    columns = "extract(day from usage_date), quantity, billed_cost, match_level, residual_cause"
    found = company.query(
        f"select {columns} from fct_cost_allocations where billed_cost <> 0 order by all"
    )
    assert found == [
        (5, 100, Decimal("1.5"), "no_quantity", None),
        (6, 50, Decimal(1), "none", "unlogged_usage"),
        (6, 100, Decimal(2), "account", None),
        (7, 100, Decimal(3), "no_quantity", None),
        (8, 0, Decimal(-4), "account", None),
        (8, 100, Decimal(4), "account", None),
    ]
    quantities = "select consumed_quantity from fct_charges order by charge_period_start"
    assert [str(quantity) for (quantity,) in company.query(quantities)] == [
        *("123.456700", "150.000000", "99999999999999999999.000000", "100.000000", "-0.500000"),
    ]
