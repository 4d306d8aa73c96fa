"""What has no price is counted, and is in none of a page's figures as if it were free."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.statements.changed_marts import pages_of
from tests.statements.opened_page import OpenedPage, cents

Open = Callable[..., OpenedPage]
COSTS: Final = "billed_cost = 0, effective_cost = 0, estimated_cost"
OF_OCTOBER: Final = "billing_month = date '2026-10-01' AND residual_cause IS NULL"
# Use of a model, of a model's output, of a team: none of it billed yet, nor priced.
UNPRICED: Final = {
    "a model": "model = 'gpt-4o'",
    "one meter": "model = 'claude-opus-4-5' AND meter = 'output'",
    "a team": "team = 'hr-operations'",
}


def changes(which: str) -> list[str]:
    """As the models make them: the bridge does not compare segments that have such use."""
    segments = (
        "SELECT team, feature, provider, model, service_tier, sum(quantity) AS units"
        f" FROM fct_cost_allocations WHERE {OF_OCTOBER} AND {which} GROUP BY ALL"
    )
    effects = ("volume", "feature_mix", "model_mix", "tokens", "price")
    return [
        f"UPDATE fct_cost_allocations SET {COSTS} = NULL WHERE {OF_OCTOBER} AND {which}",
        "UPDATE mart_variance_bridge AS bridge SET unpriced_quantity = units,"
        + ", ".join(f"{effect}_effect = NULL" for effect in effects)
        + f" FROM ({segments}) AS found WHERE billing_month = date '2026-10-01'"
        " AND residual_cause IS NULL AND bridge.team = found.team"
        " AND bridge.feature = found.feature AND bridge.provider = found.provider"
        " AND bridge.model = found.model AND bridge.service_tier = found.service_tier",
        "UPDATE mart_chargeback_monthly SET estimated_cost = NULL, status = 'estimated'"
        " WHERE billing_month = date '2026-10-01'",
    ]


@pytest.mark.parametrize("which", UNPRICED)
def test_units_without_a_price_are_told(
    opened: Open, sample: Path, tmp_path: Path, which: str
) -> None:
    site = pages_of(sample, tmp_path, changes(UNPRICED[which]), {"hr-operations": "hr"})
    page = opened(site / "company.html")
    assert page.told == []
    assert "units of use (tokens, images, searches) have no price and no bill yet" in page.text(
        "main"
    )
    assert "est." in page.text(".big")
    _, first, *steps, last = page.table("on September")
    said = {step[0].split("\n")[0]: cents(step[1]) for step in steps}
    assert "Use without a price" in said
    assert cents(first[1]) + sum(cents(step[1]) for step in steps) == pytest.approx(
        cents(last[1]), abs=50
    )
    models = {row[0].split("\n")[0]: row for row in page.table("of what requests cost")}
    if which == "a model":
        assert models["gpt-4o"][1] == models["gpt-4o"][5] == "\u2013"
    team = opened(site / "teams" / "hr.html")
    assert ("have no price" in team.text("main")) == (which == "a team")


def test_a_month_whose_use_has_prices_says_nothing(opened: Open, sample: Path) -> None:
    page = opened(sample / "exports" / "2026-10" / "site" / "company.html")
    assert "no price" not in page.text("main")
    assert "Use without a price" not in page.text("main")
