"""Margins stand where revenue.csv says what a tier brought; on no team's page."""

from collections.abc import Callable
from pathlib import Path

from tests.statements.changed_marts import pages_of
from tests.statements.opened_page import OpenedPage, cents

Open = Callable[..., OpenedPage]
REVENUE = (
    "INSERT INTO mart_tier_margin_monthly BY NAME"
    " SELECT date '2026-10-01' AS showback_month, unnest(['enterprise', 'enterprise', 'free'])"
    " AS tier, unnest(['yearly', '__any__', '__any__']) AS plan,"
    " unnest([1000.50, 2000, 0]::DECIMAL(38, 12)[]) AS revenue"
)


def test_margins_are_revenue_less_the_cents_of_the_rows(
    opened: Open, sample: Path, tmp_path: Path
) -> None:
    changes = [
        "DELETE FROM mart_tier_margin_monthly WHERE tier IN ('enterprise', 'free')",
        REVENUE,
    ]
    site = pages_of(sample, tmp_path, changes, {"talent-acquisition": "ta"})
    page = opened(site / "company.html")
    assert page.told == []
    _, *rows, total = page.table("Margin")
    tiers = {row[0].split("\n")[0]: cents(row[2]) for row in page.table("Customer tier")[1:-1]}
    by_tier: dict[str, int] = {}
    for row in rows:
        assert cents(row[2]) - cents(row[3]) == cents(row[4])
        by_tier[row[0].split("\n")[0]] = by_tier.get(row[0].split("\n")[0], 0) + cents(row[3])
    assert by_tier == {tier: tiers[tier] for tier in by_tier}
    assert set(by_tier) == {"enterprise", "free"}
    assert [cents(row[2]) for row in rows] == [200000, 100050, 0]
    assert sum(cents(row[4]) for row in rows) == cents(total[4])
    assert "Margin" not in opened(site / "teams" / "ta.html").text("main")


def test_without_revenue_one_line_says_which_file_is_missing(opened: Open, sample: Path) -> None:
    page = opened(sample / "exports" / "2026-10" / "site" / "company.html")
    assert "revenue.csv" in page.text("main")
    assert page.page.locator("h2", has_text="Margin").count() == 0
