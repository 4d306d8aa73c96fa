"""Pages write numbers as a company's readers do; their words and the files for machines stay."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from orchestration.exports.months import export_open_months
from orchestration.exports.site.index import write_index
from orchestration.exports.site.wording.numbers import Numbers
from orchestration.publishing.origin import origin_of
from orchestration.publishing.publish import publish
from orchestration.running.source_states import SourceState, write_state
from tests.orchestration.small_warehouse import MODELS, write_warehouse, write_workspace
from tests.statements.changed_marts import pages_of
from tests.statements.opened_page import ROWS, OpenedPage

Open = Callable[..., OpenedPage]
COSTS = {
    "fct_cost_allocations": ("billed_cost", "effective_cost"),
    "mart_showback_monthly": ("billed_cost", "effective_cost", "shared_cost"),
    "mart_chargeback_monthly": (
        *("direct_cost", "residual_cost", "shared_cost", "correction_cost", "timing_cost"),
        *("total_cost", "recovered_cost"),
    ),
    "mart_reconciliation_monthly": ("invoice_amount", "unexplained"),
    "mart_variance_bridge": (
        *("volume_effect", "feature_mix_effect", "model_mix_effect", "tokens_effect"),
        "price_effect",
    ),
}


def larger(by: int) -> list[str]:
    return [
        f"UPDATE {table} SET " + ", ".join(f"{name} = {by} * {name}" for name in columns)
        for table, columns in COSTS.items()
    ]


# Locale, currency, by how much larger the sample is; then what the company's page says.
LOCALES = [
    ("de_DE", "USD", 1, "936,67 US-Dollar", "Oktober 2026", ", 936,67"),
    ("ja_JP", "JPY", 100, "93,667 日本円", "2026年10月", ", 93,667"),
    ("en_IN", "USD", 100_000, "9,36,67,000.00 US dollars", "October 2026", ", 9,36,67,000.00"),
    ("ar_EG", "KWD", 1, "936.670 دينار كويتي", "أكتوبر 2026", ", 936.670"),
]


@pytest.mark.parametrize(("locale", "currency", "by", "total", "month", "sum_of_rows"), LOCALES)
def test_a_page_is_written_in_the_locale(
    opened: Open,
    sample: Path,
    tmp_path: Path,
    locale: str,
    currency: str,
    by: int,
    total: str,
    month: str,
    sum_of_rows: str,
) -> None:
    changes = [f"UPDATE published.origin SET locale = '{locale}'", *larger(by)]
    teams = {"talent-acquisition": "ta"}
    site = pages_of(sample, tmp_path, changes, teams, currency)
    page = opened(site / "company.html", 390)
    assert page.told == []
    assert page.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.text(".big") == total
    assert page.text("h1") == month
    assert page.text("html >> xpath=.").count("NaN") == 0
    numbers = Numbers(currency, locale)
    heads, *rows = page.table("went to")
    cells = [row[heads.index(numbers.month_alone(date(2026, 10, 1)))] for row in rows]
    whole = rf"[\d{re.escape(numbers.group_mark)}]+"
    part = rf"{re.escape(numbers.decimal_mark)}\d{{{numbers.places}}}" if numbers.places else ""
    assert all(re.fullmatch(f"\u2212?{whole}{part}", cell) for cell in cells if cell != "\u2013")
    page.page.locator("#rows summary").click()
    page.page.locator("#f-feature").select_option("hr-chatbot")
    page.page.locator("#f-feature").select_option("")
    assert page.text("#rows output").endswith(sum_of_rows)
    opened_team = opened(site / "teams" / "ta.html")
    assert opened_team.told == []
    assert numbers.month(date(2026, 10, 1)) in opened_team.text("h1")
    assert page.barriers() == []


def test_days_in_tables_stay_iso(opened: Open, sample: Path, tmp_path: Path) -> None:
    changes = ["UPDATE published.origin SET locale = 'de_DE'"]
    site = pages_of(sample, tmp_path, changes, {})
    page = opened(site / "company.html")
    assert page.page.locator("html").get_attribute("lang") == "en"
    page.page.locator("summary", has_text="day by day").click()
    section = page.page.locator("section", has=page.page.locator("h2", has_text="By day"))
    _, first, *_ = section.locator("table").evaluate(ROWS)
    assert first[0] == "2026-10-01"
    assert "1. Okt." in section.locator("svg").first.text_content()


def test_only_pages_change_with_the_locale(tmp_path: Path) -> None:
    """What leaves for machines is the same to the byte."""
    written = {}
    for locale in ("en_US", "de_DE"):
        workspace = replace(write_workspace(tmp_path / locale), locale=locale)
        write_warehouse(workspace.warehouse, {"2026-09-01": ("a", 1)})
        write_state(workspace, SourceState("prod", "ok"))
        publish(workspace.warehouse, workspace.marts, MODELS, origin_of(workspace))
        export_open_months(workspace)
        write_index(workspace)
        folder = Path(workspace.exports)
        written[locale] = {
            str(file.relative_to(folder)): file.read_bytes()
            for file in folder.rglob("*")
            if file.is_file() and file.name != "manifest.json"
        }
    english, german = written["en_US"], written["de_DE"]
    assert english.keys() == german.keys()
    pages = {name for name in english if english[name] != german[name]}
    assert {name.rpartition(".")[2] for name in pages} == {"html"}
    assert "September 2026" in german["index.html"].decode()
    assert "33.35" in english["index.html"].decode()
    assert "33,35" in german["index.html"].decode()
