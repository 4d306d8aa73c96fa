"""What a reader of the pages sees: numbers that add up, on a phone, in the dark, by keyboard."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.statements.opened_page import ROWS, OpenedPage, cents

PAGES: Final = ("company.html", "trust.html", "signals.html", "teams/talent-acquisition.html")
Open = Callable[..., OpenedPage]


@pytest.fixture(scope="session")
def site(sample: Path) -> Path:
    return sample / "exports" / "2026-10" / "site"


def rows_of(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text())))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "dark"), [(390, False), (1280, True), (1920, False)])
def test_a_page_asks_for_nothing_and_fits(
    opened: Open, site: Path, name: str, width: int, dark: bool
) -> None:
    page = opened(site / name, width, dark=dark)
    assert page.told == []
    assert page.asked == [(site / name).as_uri()]
    wider = page.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wider <= 0
    # a laptop shows every table whole
    assert width < 1280 or page.scrolling() == []
    paper = page.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(19, 22, 26)" if dark else "rgb(255, 255, 255)")


@pytest.mark.parametrize("name", [*PAGES, "../../index.html"])
def test_who_does_not_see_reads_it_too(opened: Open, site: Path, name: str) -> None:
    page = opened(site / name)
    for details in page.page.locator("details").all():
        details.evaluate("details => details.open = true")
    assert page.barriers() == []


def test_who_would_not_see_is_told_of(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    grey = '<p style="color: #ccc; background: #fff">of no contrast</p>'
    file.write_text(f'<html lang="en"><title>t</title><main><img src="data:,">{grey}</main></html>')
    assert opened(file).barriers() == ["color-contrast", "image-alt"]


def test_the_table_beside_the_flow_adds_up_to_the_invoices(opened: Open, site: Path) -> None:
    page = opened(site / "company.html")
    heads, *rows = page.table("went to")
    total = rows.pop()
    money = [heads.index(name) for name in ("Anthropic", "OpenAI", "October", "September")]
    teams = [row for row in rows if row[0] in TEAMS]
    parts = [row for row in rows if row[0] not in TEAMS]
    for place in money:
        assert sum(cents(row[place]) for row in teams) == cents(total[place])
        assert sum(cents(row[place]) for row in parts) == cents(total[place])
    for row in rows:
        assert cents(row[money[0]]) + cents(row[money[1]]) == cents(row[money[2]])
    posted = rows_of(site.parent / "chargeback.csv")
    assert cents(total[money[2]]) == sum(cents(row["total"]) for row in posted) == 93667
    assert page.text(".big").startswith("936.67")
    ownerless = [row for row in posted if row["team"] == "__unallocated__"]
    on_nobody = next(row for row in teams if row[0] == "On no team")
    assert cents(on_nobody[money[2]]) == sum(cents(row["total"]) for row in ownerless) < 0
    causes = rows[rows.index(on_nobody) + 1 :]
    before_credits = sum(max(cents(row[money[2]]), 0) for row in causes)
    assert f"On no team: {before_credits / 100:.2f} before credits." in page.text(".mast")
    for row in teams:
        of_team = [each for each in posted if TEAMS[row[0]] == each["team"]]
        assert cents(row[money[2]]) == sum(cents(each["total"]) for each in of_team)


TEAMS: Final = {
    "Talent Acquisition": "talent-acquisition",
    "Employee Experience": "employee-experience",
    "People Analytics": "people-analytics",
    "HR Operations": "hr-operations",
    "On no team": "__unallocated__",
}


def test_the_bridge_leads_from_one_month_to_the_other(opened: Open, site: Path) -> None:
    for name, before, now in (
        ("company.html", 92818, 93667),
        ("teams/talent-acquisition.html", 77567, 79380),
    ):
        page = opened(site / name)
        _, first, *steps, last = page.table("on September")
        assert (cents(first[1]), cents(last[1])) == (before, now)
        assert before + sum(cents(step[1]) for step in steps) == now
        said = {step[0].split("\n")[0]: cents(step[1]) for step in steps}
        assert said["Tokens per request"] > 1500
        assert said["Price"] < 0


def test_models_tiers_and_causes_sum_to_what_the_page_says(opened: Open, site: Path) -> None:
    page = opened(site / "company.html")
    for heading in ("of what requests cost", "Customer tier", "What no request explains"):
        heads, *rows = page.table(heading)
        *parts, total = rows
        place = heads.index("October" if "October" in heads else "USD")
        assert sum(cents(row[place]) for row in parts) == cents(total[place])
    page = opened(site / "trust.html")
    _, *rows = page.table("Reconciliation")
    parts, (attributed, payable, difference) = rows[:-3], rows[-3:]
    for place in (1, 2, 3):
        assert sum(cents(row[place]) for row in parts) == cents(attributed[place])
        assert cents(attributed[place]) == cents(payable[place])
        assert cents(difference[place]) == 0


def test_days_sum_to_what_the_feature_costs(opened: Open, site: Path) -> None:
    page = opened(site / "company.html")
    page.page.locator("summary", has_text="day by day").click()
    section = page.page.locator("section", has=page.page.locator("h2", has_text="By day"))
    heads, *days = section.locator("table").evaluate(ROWS)
    costs = {row[0].split("\n")[0]: cents(row[-1]) for row in page.table("more than in")[1:]}
    assert len(days) == 31
    for place, feature in enumerate(heads[1:], start=1):
        assert sum(cents(day[place]) for day in days) == costs[feature]


def test_rows_are_filtered_and_sorted_by_keyboard(opened: Open, site: Path) -> None:
    """Their cents are those of showback.csv."""
    shown = rows_of(site.parent / "showback.csv")
    page = opened(site / "company.html").page
    page.locator("#rows summary").focus()
    page.keyboard.press("Enter")
    output = page.locator("#rows output")
    assert output.inner_text() == f"{len(shown)} rows, 936.67"
    page.locator("#f-tier").select_option("free")
    of_tier = [row for row in shown if row["tier"] == "free"]
    total = sum(cents(row["billed_cost"]) for row in of_tier) / 100
    assert output.inner_text() == f"{len(of_tier)} of {len(shown)} rows, {total:.2f}"
    heading = page.locator("#rows thead button", has_text="October")
    for direction, order in (("descending", -1), ("ascending", 1)):
        heading.focus()
        page.keyboard.press("Enter")
        assert heading.locator("..").get_attribute("aria-sort") == direction
        visible = page.locator("#rows tbody tr:not([hidden]) td:last-child").all_inner_texts()
        costs = [cents(text) for text in visible]
        assert costs == sorted(costs, key=lambda cost: order * cost)


def test_a_name_in_the_flow_leads_to_its_rows(opened: Open, site: Path) -> None:
    page = opened(site / "company.html").page
    node = page.locator('svg.sk g[data-n="f:hr-chatbot"]').first
    node.focus()
    assert page.locator("#read").inner_text().startswith("hr-chatbot: 123.88")
    page.keyboard.press("Enter")
    assert page.locator("#f-feature").input_value() == "hr-chatbot"
    assert page.locator("#rows output").inner_text().endswith("123.88")


def test_a_page_is_whole_without_its_script(browser: object, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto((site / "company.html").as_uri())
    assert page.locator("svg.sk path.link").count() > 20
    assert page.locator("#rows tbody tr").count() == len(rows_of(site.parent / "showback.csv"))
    context.close()


def test_printed_it_is_black_on_white_and_without_controls(opened: Open, site: Path) -> None:
    page = opened(site / "teams" / "talent-acquisition.html", dark=True).page
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.locator(".tools").first.is_hidden()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
