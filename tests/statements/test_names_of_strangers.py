"""Whatever a name is, a page shows it as text, and a team's page has no other's."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

import duckdb
import pytest

from orchestration.exports.site.pages import site_files
from orchestration.exports.site.wording.names import LONGEST, marked_up, plain
from tests.statements.opened_page import OpenedPage

MONTH: Final = date(2026, 10, 1)
TABLES: Final = (
    *("fct_cost_allocations", "mart_showback_monthly", "mart_chargeback_monthly"),
    "mart_variance_bridge",
)
HOSTILE: Final = {
    "resume-screening": "</script><script>document.title='taken'</script>",
    "hr-chatbot": "\"><img src=x onerror=document.title='taken'>",
    "interview-questions": "{{ 7 * 7 }} & <b>bold</b> 'quoted'",
    "sentiment-analysis": "\u202egnp.exe \U0001f600 日本語",
    "offer-letters": "=cmd()" + "x" * 200,
}
TEAMS: Final = {"hr-operations": "<h1>HR</h1>", "people-analytics": "javascript:alert(1)"}


@pytest.fixture(scope="session")
def pages(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Of marts whose names somebody chose to do harm."""
    file = tmp_path_factory.mktemp("strangers") / "marts.duckdb"
    shutil.copyfile(sample / "marts.duckdb", file)
    file.chmod(0o644)
    shutil.copytree(sample / "marts.requests", file.with_name("marts.requests"))
    with duckdb.connect(file) as marts:
        for names, column in ((HOSTILE, "feature"), (TEAMS, "team")):
            for name, hostile in names.items():
                for table in TABLES:
                    if column == "team" or table != "mart_chargeback_monthly":
                        marts.execute(
                            f"UPDATE {table} SET {column} = ? WHERE {column} = ?", [hostile, name]
                        )
        marts.execute("UPDATE mart_chargeback_monthly SET cost_center = '<i>CC</i>'")
        teams = ["talent-acquisition", "employee-experience", *TEAMS.values()]
        named = {team: f"team-{number}" for number, team in enumerate(teams)}
        made = site_files(marts, MONTH, "billed", "USD", named)
        assert made == site_files(marts, MONTH, "billed", "USD", named)
        return made


@pytest.fixture(scope="session")
def site(pages: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    for name, data in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder / "site"


def test_a_name_is_text(opened: Callable[..., OpenedPage], site: Path) -> None:
    for name in ("company.html", "trust.html", *(f"teams/team-{n}.html" for n in range(4))):
        page = opened(site / name)
        assert page.told == []
        assert "taken" not in page.page.title()
        assert page.page.locator("script").count() == 1
        assert page.page.locator("main img, main b:not(.ok), bdi *, main i").count() == 0
        wider = page.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0
    page = opened(site / "company.html")
    text = page.page.locator("main").inner_text()
    assert HOSTILE["resume-screening"][:40] in page.page.locator("main").text_content()
    assert "{{ 7 * 7 }} & <b>bold</b>" in text
    assert "[U+202E]gnp.exe \U0001f600 日本語" in text
    select = page.page.locator("#f-feature")
    select.evaluate("select => { document.getElementById('rows').open = true; }")
    select.select_option(HOSTILE["hr-chatbot"])
    assert page.text("#rows output").endswith("123.88")


def test_a_team_page_has_nothing_of_another_team(pages: dict[str, bytes]) -> None:
    page = pages["site/teams/team-1.html"].decode()
    assert "Employee Experience" in page
    for other in ("Talent", "talent-acquisition", "&lt;h1&gt;HR", "interview", "{{ 7", "936.67"):
        assert other not in page
    assert "<a " not in page.replace('<a class="skip"', "")


def test_a_long_name_is_cut_and_whole_in_its_title() -> None:
    name = "x" * 100 + "<"
    made = str(marked_up(name))
    assert made.startswith(f'<bdi title="{"x" * 100}&lt;">')
    assert len(made.partition(">")[2].removesuffix("</bdi>").replace("&lt;", "<")) == LONGEST
    assert str(marked_up("hr-chatbot")) == "<bdi>hr-chatbot</bdi>"


def test_a_letter_that_nobody_sees_is_spelt_out() -> None:
    assert plain("a\u200bb\u202ec\u0007") == "a[U+200B]b[U+202E]c[U+0007]"
