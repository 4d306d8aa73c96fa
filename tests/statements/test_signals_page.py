"""The page of signals: runaways and what a request costs, as far as the marts have any."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.statements.changed_marts import pages_of
from tests.statements.opened_page import OpenedPage

Open = Callable[..., OpenedPage]
NOTHING: Final = tuple(
    f"DELETE FROM {name}"
    for name in (
        *("mart_runaways", "mart_unit_cost_daily", "mart_budget_status_hourly"),
        *("mart_savings_levers", "mart_break_evens", "mart_forecast_monthly"),
    )
)
# One of a hostile name, one whose use has no price, one that began in the month before.
RUNAWAYS: Final = """
    INSERT INTO mart_runaways BY NAME
    SELECT 'r' || n AS runaway_id, 'key' AS axis,
        ['<script>key', 'dev-key', 'old-key', 'of November'][n] AS entity, 'loop' AS signature,
        [timestamp '2026-10-05 10:00:00', timestamp '2026-10-31 22:00:00',
         timestamp '2026-09-30 20:00:00', timestamp '2026-11-01 00:00:00'][n] AS first_seen_at,
        first_seen_at + interval 1 hour AS detected_at,
        first_seen_at + interval 8 hours AS last_seen_at,
        8 AS hours_over, n = 2 AS is_open, 'hr' AS team, NULL AS call_owner, 10 AS requests,
        [252, NULL, 10, 1][n]::DECIMAL(38, 12) AS exposure_at_detection,
        [1252, NULL, 20, 1][n]::DECIMAL(38, 12) AS exposure_so_far,
        [1252, NULL, 20, 1][n]::DECIMAL(38, 12) AS exposure_by_morning,
        [2, NULL, 4, NULL][n] AS first_layer, ['hard', NULL, 'soft', NULL][n] AS first_limit,
        CASE WHEN n % 2 = 1 AND n < 4 THEN first_seen_at + interval 20 minutes END AS first_layer_at
    FROM range(1, 5) AS numbers (n)
"""
CHANGE: Final = """
    UPDATE mart_unit_cost_daily SET is_change_point = true, baseline_model = 'gpt-4o',
        baseline_cost_per_request = 0.01, changed_cost_per_request = 0.015, change_percent = 50
    WHERE feature = 'hr-chatbot' AND usage_date = date '2026-10-14'
"""


def test_runaways_and_costs_of_requests_are_told(
    opened: Open, sample: Path, tmp_path: Path
) -> None:
    changes = ["DELETE FROM mart_runaways", RUNAWAYS, CHANGE]
    site = pages_of(sample, tmp_path, changes, {"talent-acquisition": "ta"})
    for width in (390, 1280):
        page = opened(site / "signals.html", width)
        assert page.told == []
        assert page.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        # a laptop shows every table whole
        assert width < 1280 or page.scrolling() == []
        assert page.barriers() == []
    _, *rows = page.table("3 runaways")
    assert [row[0].split("\n")[0] for row in rows] == ["<script>key", "old-key", "dev-key"]
    assert [row[4] for row in rows] == ["1,252.00", "20.00", "\u2013"]
    assert "still running" in rows[2][0]
    assert [row[6] for row in rows] == [
        "Key\nhard limit, 2026-10-05 10:20",
        "Cloud alert\nsoft limit, 2026-09-30 20:20",
        "Invoice review\nno limit was reached",
    ]
    changed = [row[:5] for row in page.table("What a thousand requests cost")]
    assert ["hr-chatbot", "2026-10-14", "10.00", "15.00", "+50.0%"] in changed
    assert page.page.locator("svg polyline").count() >= 3
    assert opened(site / "company.html").page.locator("a[href='signals.html']").count() == 1
    team = opened(site / "teams" / "ta.html")
    assert "runaway" not in team.page.content().lower()


def test_without_signals_there_is_no_page(opened: Open, sample: Path, tmp_path: Path) -> None:
    site = pages_of(sample, tmp_path, NOTHING, {})
    assert not (site / "signals.html").exists()
    for name in ("company.html", "trust.html"):
        assert opened(site / name).page.locator("a[href='signals.html']").count() == 0
