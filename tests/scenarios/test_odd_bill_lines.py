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
    # a line without a model: twice as many tokens of a model that costs a 16th
    calls += [
        call("2026-10-10T10:00:00Z", model, tokens, 70, provider="openai", feature_tag=feature)
        for feature, model, tokens in (("chat", "gpt-4o", 100), ("mini", "gpt-4o-mini", 200))
    ]
    lines = [
        line("2026-10-05", INPUT, "1.50", "123.4567"),
        line("2026-10-06", INPUT, "3.00", 150),
        line("2026-10-07", INPUT, "3.00", "99999999999999999999"),
        line("2026-10-08", INPUT, "4.00", 100),
        line("2026-10-09", INPUT, "-4.00", "-0.5"),
        line("2026-10-10", "input_tokens", "3.36", 400),
        line("2026-10-10", "output_tokens", "1.06", None),
    ]
    files = {"logs/proxy.jsonl": log(calls), "openai/costs.json": costs(*lines)}
    return Company(project, write_company(tmp_path_factory.mktemp("odd"), files))


def test_a_quantity_that_is_no_number_of_tokens_is_shown_and_not_compared(company: Company) -> None:
    """Its requests explain it whole, and the lines beside it are what they would be without it."""
    columns = "extract(day from usage_date), quantity, billed_cost, match_level, residual_cause"
    found = company.query(
        f"select {columns} from fct_cost_allocations"
        " where billed_cost <> 0 and usage_date < '2026-10-10' order by all"
    )
    assert found == [
        (5, 100, Decimal("1.5"), "no_quantity", None),
        (6, 50, Decimal(1), "none", "unlogged_usage"),
        (6, 100, Decimal(2), "account", None),
        (7, 100, Decimal(3), "no_quantity", None),
        (8, 0, Decimal(-4), "account", None),
        (8, 100, Decimal(4), "account", None),
    ]
    quantities = (
        "select consumed_quantity from fct_charges order by charge_period_start, charge_description"
    )
    assert [str(quantity) for (quantity,) in company.query(quantities)] == [
        *("123.456700", "150.000000", "99999999999999999999.000000", "100.000000", "-0.500000"),
        *("400.000000", "None"),
    ]


def test_a_line_without_a_model_is_split_by_what_its_requests_cost(company: Company) -> None:
    columns = "meter, model, quantity, billed_cost, match_level, allocation_method, residual_cause"
    found = company.query(
        f"select {columns} from fct_cost_allocations where usage_date = '2026-10-10' order by all"
    )
    assert found == [
        ("input", "__none__", 100, Decimal("0.84"), "none", "residual", "unlogged_usage"),
        ("input", "gpt-4o", 100, Decimal("2.25"), "unnamed", "contracted_cost", None),
        ("input", "gpt-4o-mini", 200, Decimal("0.27"), "unnamed", "contracted_cost", None),
        ("output", "gpt-4o", 70, Decimal(1), "no_quantity", "contracted_cost", None),
        ("output", "gpt-4o-mini", 70, Decimal("0.06"), "no_quantity", "contracted_cost", None),
    ]
