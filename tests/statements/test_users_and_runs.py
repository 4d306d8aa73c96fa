"""What a user, an outcome and a run of an agent cost: on a team's page its own, runs on both."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import duckdb
import pytest

from tests.statements.changed_marts import pages_of
from tests.statements.opened_page import OpenedPage, cents

Open = Callable[..., OpenedPage]
TEAMS: Final = {"talent-acquisition": "ta", "employee-experience": "ee"}
HOSTILE: Final = "<img src=x onerror=document.title='taken'>"
# Of a hostile name, one that names a workflow alone, one without a price, and another team's.
RUNS: Final = f"""
    INSERT INTO mart_unit_cost_monthly BY NAME
    SELECT unnest([date '2026-10-01', date '2026-09-01']) AS showback_month, * FROM (
        SELECT
            ['talent-acquisition', 'talent-acquisition', 'talent-acquisition',
             'employee-experience'][n] AS team,
            ['resume-screening', 'resume-screening', 'interview-questions', 'hr-chatbot'][n]
                AS feature,
            'run' AS unit,
            ['{HOSTILE.replace("'", "''")}', '__unknown__', 'unpriced agent', 'helper'][n] AS agent,
            ['screen', 'nightly', '__unknown__', '__unknown__'][n] AS workflow,
            [1234, 0, 4, 9][n] AS units, [2468, 10, 8, 9][n] AS requests,
            [0, 0, 3, 0][n] AS requests_unpriced,
            [123.4, 60.006, 50, 40][n]::DECIMAL(38, 12) AS contracted_cost,
            [0.1, NULL, NULL, 4.4444][n]::DECIMAL(38, 12) AS cost_per_unit,
            [0.05, NULL, NULL, 4][n]::DECIMAL(38, 12) AS cost_per_unit_p50,
            [0.5, NULL, NULL, 9][n]::DECIMAL(38, 12) AS cost_per_unit_p95
        FROM range(1, 5) AS numbers (n))
"""
DEARER: Final = """
    UPDATE mart_unit_cost_monthly SET contracted_cost = 100
    WHERE showback_month = date '2026-09-01' AND workflow = 'screen'
"""
# A feature of one team, and one that somebody else has, too.
OUTCOMES: Final = """
    UPDATE mart_outcome_cost_monthly SET outcome = 'hire', outcomes = 10
    WHERE feature IN ('interview-questions', 'resume-screening', 'hr-chatbot')
        AND showback_month = date '2026-10-01'
"""
SHARED: Final = """
    UPDATE mart_showback_monthly SET feature = 'interview-questions'
    WHERE feature = 'sntiment-analysis' AND showback_month = date '2026-10-01'
"""


@pytest.fixture(scope="module")
def site(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pages_of(sample, tmp_path_factory.mktemp("runs"), [RUNS, DEARER, OUTCOMES], TEAMS)


def test_runs_are_told_and_their_names_are_text(opened: Open, site: Path) -> None:
    for file in ("company.html", "teams/ta.html"):
        for width in (390, 1280):
            page = opened(site / file, width)
            assert page.told == []
            assert "taken" not in page.page.title()
            assert page.page.locator("main img").count() == 0
            assert page.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            assert page.barriers() == []
    heading, first, workflow, unpriced, other = opened(site / "company.html").table("What a run")
    assert heading[2:] == [
        *("Runs", "Calls a run", "A run", "Half at most", "95% at most", "October", "Change"),
    ]
    assert first[0] == f"{HOSTILE}\nworkflow screen"
    assert first[1] == "resume-screening\nTalent Acquisition"
    assert first[2:] == ["1,234", "2.0", "0.1000", "0.0500", "0.5000", "123.40", "+23.40"]
    assert workflow[0] == "nightly\nworkflow"
    assert workflow[2:] == ["0", *["\u2013"] * 4, "60.01", "0.00"]
    assert unpriced[2:7] == ["4", "2.0", *["\u2013"] * 3]
    assert unpriced[7] == "50.00\n3 without a price"
    assert other[1] == "hr-chatbot\nEmployee Experience"


def test_a_team_has_its_own_runs_and_no_others(opened: Open, site: Path) -> None:
    page = opened(site / "teams" / "ta.html")
    assert len(page.table("What a run of my agents costs")) == 4
    assert "helper" not in page.page.content()
    assert "screen<" not in opened(site / "teams" / "ee.html").page.content()
    assert opened(site / "teams" / "ee.html").table("What a run")[1][0] == "helper"


def test_a_user_costs_its_part_of_the_features_cents(
    opened: Open, sample: Path, site: Path
) -> None:
    page = opened(site / "teams" / "ta.html")
    _, *features = page.table("My features")
    money = {row[0].split("\n")[0]: cents(row[4]) for row in features}
    _, *rows = page.table("What one user and one outcome costs")
    with duckdb.connect(sample / "marts.duckdb", read_only=True) as marts:
        wanted = marts.execute(
            "SELECT feature, units, requests, cost_per_unit_p50 FROM mart_unit_cost_monthly"
            " WHERE showback_month = date '2026-10-01' AND team = 'talent-acquisition'"
            " AND unit = 'user' ORDER BY contracted_cost DESC"
        ).fetchall()
        [(logged,)] = marts.execute(
            "SELECT sum(users) FROM mart_showback_monthly"
            " WHERE showback_month = date '2026-10-01' AND feature = 'resume-screening'"
        ).fetchall()
    assert [row[0].replace("No feature named", "__unallocated__") for row in rows] == [
        feature for feature, *_ in wanted
    ]
    for row, (_, users, requests, half) in zip(rows, wanted, strict=True):
        assert row[1:3] == [str(users), f"{requests / users:.1f}"]
        assert row[5] == ("\u2013" if half is None else f"{half:,.4f}")
    by_name = {row[0]: row for row in rows}
    questions = by_name["interview-questions"]
    # all of its requests name a user
    assert questions[4] == f"{money['interview-questions'] / 100 / int(questions[1]):.4f}"
    # distinct over its tiers and plans
    assert 0 < int(by_name["resume-screening"][1]) <= logged


def test_an_outcome_costs_its_features_cents(opened: Open, site: Path) -> None:
    page = opened(site / "teams" / "ta.html")
    _, *features = page.table("My features")
    money = {row[0].split("\n")[0]: cents(row[4]) for row in features}
    told = outcomes(page)
    assert [each[:3] for each in told] == [
        [feature, "hire", "10"] for feature in ("interview-questions", "resume-screening")
    ]
    assert [cents(each[3]) for each in told] == [round(money[each[0]] / 10) for each in told]


def test_a_feature_that_others_have_tells_no_outcome(
    opened: Open, sample: Path, tmp_path: Path
) -> None:
    site = pages_of(sample, tmp_path, [OUTCOMES, SHARED], TEAMS)
    told = outcomes(opened(site / "teams" / "ta.html"))
    assert [each[0] for each in told] == ["resume-screening"]


def outcomes(page: OpenedPage) -> list[list[str]]:
    section = page.page.locator("section", has=page.page.locator("h2", has_text="one outcome"))
    rows = section.locator("table").last.locator("tbody tr").all_inner_texts()
    return [row.split("\t") for row in rows]


@pytest.mark.whole
def test_nothing_is_said_where_nothing_is_known(opened: Open, sample: Path, tmp_path: Path) -> None:
    company = opened(sample / "exports" / "2026-10" / "site" / "company.html")
    assert "What a run" not in company.text("main")
    site = pages_of(sample, tmp_path, ["DROP TABLE mart_unit_cost_monthly"], TEAMS)
    assert "What one" not in opened(site / "teams" / "ta.html").text("main")
