"""aliases.csv and teams.csv: one spelling means one owner, or the file says who ties."""

from pathlib import Path

from tests.ingestion.test_reference import problems, read

TEAMS = "team_id,team_name,valid_from,valid_to\n"


def test_spellings_that_differ_in_case_only_tie(tmp_path: Path) -> None:
    aliases = "dimension,raw,value\nteam,HR,hr\nteam,hr,people\nfeature,hr,hr\n"
    assert problems(tmp_path, aliases=aliases) == [
        "aliases.csv:3: dimension: `team, hr` ties with line 2 (`team, hr`): keep one"
    ]


def test_two_teams_of_one_name_at_one_time_tie(tmp_path: Path) -> None:
    found = problems(tmp_path, teams=TEAMS + "a,Platform,,2026-10-02\nb,platform ,2026-10-01,\n")
    assert found == [
        "teams.csv:3: team_name: `platform` is also the name of team `a` (line 2) in an overlapping"
        " time: requests that say it could be of either, make one different"
    ]


def test_a_name_may_go_to_another_team_and_one_team_may_keep_it(tmp_path: Path) -> None:
    teams = (
        "a,Platform,,2026-09-01\na,Platform,2026-09-01,2026-10-01\nb,Platform,2026-10-01,\nc,,,\n"
    )
    assert read(tmp_path, teams=TEAMS + teams + "d,,,\n")["teams"].num_rows == 5
