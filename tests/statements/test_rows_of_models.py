"""Rows by model: the cents of a row are split over its models, and a bar leads to its rows."""

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.exports.site.row_models import split_over_models
from tests.statements.opened_page import OpenedPage, cents

Open = Callable[..., OpenedPage]
CENT = 10**10


@pytest.fixture(scope="session")
def site(sample: Path) -> Path:
    return sample / "exports" / "2026-10" / "site"


@pytest.mark.parametrize(
    ("exact", "row", "split"),
    [
        ({"a": CENT // 2, "b": CENT // 2}, 1, {"a": 1, "b": 0}),
        # the row has shared costs beside them
        ({"a": 3 * CENT}, 10, {"a": 3}),
        ({"a": 4 * CENT + 1, "b": -CENT}, 4, {"a": 5, "b": -1}),
        ({}, 7, {}),
    ],
)
def test_cents_of_models(exact: dict[str, int], row: int, split: dict[str, int]) -> None:
    assert split_over_models(exact, row, CENT) == split


@pytest.mark.parametrize("name", ["company.html", "teams/talent-acquisition.html"])
def test_each_models_rows_sum_to_what_the_page_says_of_it(
    opened: Open, site: Path, name: str
) -> None:
    page = opened(site / name)
    heading = "of what requests cost" if name == "company.html" else "My models"
    said = {row[0].split("\n")[0]: cents(row[1]) for row in page.table(heading)[1:-1]}
    page.page.evaluate("document.getElementById('rows').open = true")
    models = page.page.locator("#f-model option").all_inner_texts()[1:]
    assert models == sorted(name for name in said if said[name])
    for model in models:
        page.page.locator("#f-model").select_option(label=model)
        told = page.text("#rows output")
        assert cents(told.rpartition(" ")[2]) == pytest.approx(said[model], abs=2)
        shown = page.page.locator("#rows tbody tr:not([hidden]) td:last-child").all_text_contents()
        assert sum(map(cents, shown)) == cents(told.rpartition(" ")[2])
    page.page.locator("#f-model").select_option("")
    total = page.text("#rows output").rpartition(" ")[2]
    assert total == ("936.67" if name == "company.html" else total)
    assert page.told == []


def test_a_bar_and_its_name_lead_to_the_rows_by_keyboard(opened: Open, site: Path) -> None:
    page = opened(site / "company.html").page
    name = page.locator("span[data-f^='model|']", has_text="gpt-4o").first
    name.focus()
    page.keyboard.press("Enter")
    assert page.locator("#rows").get_attribute("open") is not None
    chosen = page.locator("#f-model option:checked").text_content()
    assert chosen == name.text_content()
    assert page.evaluate("document.activeElement.id") == "f-model"
    row = page.locator("tr", has=page.locator("span[data-f^='tier|']")).first
    page.locator("tr:has(span[data-f^='model|']) .cb svg").last.click()
    assert page.locator("#f-model option:checked").text_content() != chosen
    row.locator("span[role=button]").click()
    assert page.locator("#f-model").input_value() == ""
    assert page.locator("#f-tier").input_value() == "enterprise"
