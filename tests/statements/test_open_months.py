"""A month without its invoice says everywhere that it is an estimate."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.statements.changed_marts import pages_of
from tests.statements.opened_page import OpenedPage

# As if no bill of October had come: what it cost is known by price alone.
ESTIMATED: Final = """
    DELETE FROM fct_cost_allocations
        WHERE billing_month = date '2026-10-01' AND residual_cause IS NOT NULL;
    UPDATE fct_cost_allocations SET estimated_cost = billed_cost, billed_cost = 0
        WHERE billing_month = date '2026-10-01';
    UPDATE mart_showback_monthly SET estimated_cost = billed_cost, billed_cost = 0
        WHERE showback_month = date '2026-10-01';
    UPDATE mart_chargeback_monthly SET estimated_cost = direct_cost, direct_cost = 0,
        residual_cost = 0, total_cost = 0, recovered_cost = 0, status = 'estimated'
        WHERE billing_month = date '2026-10-01';
    UPDATE mart_reconciliation_monthly SET invoice_id = NULL, invoice_amount = NULL,
        unexplained = NULL, invoice_status = 'missing', requests_cost = 0
        WHERE billing_month = date '2026-10-01';
"""


@pytest.fixture(scope="session")
def site(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("open")
    teams = {"talent-acquisition": "ta"}
    return pages_of(sample, folder, [ESTIMATED], teams, status="estimated")


def test_an_estimate_says_so_and_has_no_cents(
    opened: Callable[..., OpenedPage], site: Path
) -> None:
    page = opened(site / "company.html")
    assert page.told == []
    assert page.text(".big") == "937 est. US dollars"
    assert "not every invoice is here" in page.text("main")
    heads, *rows = page.table("went to")
    place = heads.index("October")
    assert rows[-1][place] == "937"
    assert all("." not in row[place] for row in rows)
    assert rows[-1][heads.index("September")] == "928.18"
    page = opened(site / "teams" / "ta.html")
    assert page.text(".big") == "794 est. US dollars"
    assert "Estimated beside it, without an invoice yet" in page.text("main")
    page = opened(site / "trust.html")
    assert page.told == []
    assert page.text(".big") == "No invoice yet"
