"""Scenarios 1.1, 2.1, 2.2, 2.4, 4.2, 5.1 and 5.2: what a request, user, tier and outcome cost."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from companies import SETTINGS, Company, call, costs, line, log, write_company

from tests.pipeline.compiled_project import CompiledProject

INPUT: Final = "gpt-4o-2024-08-06, input"
REVENUE: Final = """\
month,tier,plan,revenue,active_users
2026-10,Free,,0,2000000
2026-10,pro,monthly,8000000,
"""


def tiers() -> Iterator[dict[str, Any]]:
    """Three requests of a free tier for each of a paying one, of 4,000 tokens."""
    for number in range(4):
        known = {"tier": "free", "plan": ("api", "web")[number % 2]}
        known = {"tier": "pro", "plan": "monthly"} if number == 3 else known
        yield call("2026-10-10T10:00:00Z", "gpt-4o", 4000, feature_tag="draw", **known)


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    files = {
        "logs/proxy.jsonl": log({"provider": "openai", **each} for each in tiers()),
        "reference/revenue.csv": REVENUE,
        "openai/costs.json": costs(line("2026-10-10", INPUT, "4000000", 16_000)),
    }
    folder: Path = tmp_path_factory.mktemp("units")
    return Company(project, write_company(folder, files, SETTINGS))


def test_a_free_tier_has_cost_and_no_revenue(company: Company) -> None:
    """1.1 Helicone, 4.2 Stability: $3 M of a free API, revenue 0 and a margin below it; $8 M of
    the paying tier.
    """
    assert company.query(
        "select tier, plan, requests, active_users, billed_cost, cost_share_percent, revenue,"
        " margin, margin_percent, cost_basis from mart_tier_margin_monthly order by tier"
    ) == [
        ("free", "__any__", 3, 2_000_000, 3_000_000, 75, 0, -3_000_000, None, "billed"),
        ("pro", "monthly", 1, None, 1_000_000, 25, 8_000_000, 7_000_000, Decimal("87.5"), "billed"),
    ]
