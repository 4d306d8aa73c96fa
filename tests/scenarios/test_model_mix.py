"""Scenario 2.2: routine work on a premium model, by the query of docs/signals.md."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from companies import SETTINGS, Company, Rows, call, log, write_company

from tests.pipeline.compiled_project import CompiledProject

PAGE: Final = Path(__file__).parents[2] / "docs" / "signals.md"
NO_BILLS: Final = SETTINGS.partition("bills:")[0]
# from October on `large` is hardly dearer; `other` is of another seller, `free` costs nothing
PRICES: Final = """\
provider,model,meter,unit_price_per_million,valid_from,valid_to
house,large,output,50,,2026-10-01
house,large,output,15,2026-10-01,
house,small,output,10,,
house,gift,output,0,,
other,sole,output,5000,,
"""


def calls() -> Iterator[dict[str, Any]]:
    for month in ("09", "10"):
        for number in range(100):
            at = f"2026-{month}-10T10:{number // 60:02}:{number % 60:02}Z"
            model = "large" if number < 80 else "small"
            yield call(at, model, 0, 1000, provider="house", team="care", feature_tag="routine")
    yield from (
        call("2026-09-11T10:00:00Z", model, 0, 1000, provider=seller, feature_tag="others")
        for seller, model in [("house", "gift"), ("other", "sole"), ("other", "nobody-knows-it")]
    )


def premium(company: Company) -> Rows:
    [_, after] = PAGE.read_text().split("### Dear models by default\n")
    query = after.partition("```sql\n")[2].partition("```")[0]
    columns = "premium_requests, premium_percent, premium_cost_percent, requests_of_no_price"
    return company.query(
        f"select month(month), feature, requests, {columns} from ({query}) order by all"
    )


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    files = {"logs/calls.ndjson": log(calls()), "reference/prices.csv": PRICES}
    return Company(project, write_company(tmp_path_factory.mktemp("mix"), files, NO_BILLS))


def test_scenario_2_2_80_of_100_routine_calls_are_premium(company: Company) -> None:
    # 80 x 0.05 of 80 x 0.05 + 20 x 0.01; in October no model is five times another
    assert [row for row in premium(company) if row[1] == "routine"] == [
        (9, "routine", 100, 80, 80.0, 95.24, 0),
        (10, "routine", 100, 0, 0.0, 0.0, 0),
    ]
    # what is free is nobody's measure, a seller's only model is its cheapest, one has no price
    assert (9, "others", 3, 0, 0.0, 0.0, 1) in premium(company)
