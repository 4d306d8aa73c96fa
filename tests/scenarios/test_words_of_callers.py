"""What any caller can write into a tag or a key's name: no word merges owners or stops a run."""

from decimal import Decimal
from pathlib import Path

import pytest
from companies import Company, call, costs, line, log, write_company

from tests.pipeline.compiled_project import CompiledProject

# feature and team: pairs that are one text when joined
TAGGED = [
    ("a|b", "c"),
    ("a", "b|c"),
    ("a|", "b|c"),
    ("~", "c"),
    ('say "hi", it\'s', "=cmd()"),
    ("line\nbreak", "x\\y"),
]
# no rule can say the first three, so no name may be made for them
KEYS = ["R & D", "a*b", "one &two", "人事", 'Größe "x", y', "größe"]


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    at = "2026-10-05T10:00:00Z"
    calls = [call(at, "gpt-4o", 10, feature_tag=feature, team=team) for feature, team in TAGGED]
    calls += [call(at, "gpt-4o", 10, feature_tag="__unallocated__", key=key) for key in KEYS]
    tokens = 10 * len(calls)
    bill = costs(line("2026-10-05", "gpt-4o-2024-08-06, input", str(tokens), tokens, key=None))
    lines = log({"provider": "openai", **each} for each in calls)
    folder: Path = tmp_path_factory.mktemp("words")
    return Company(
        project, write_company(folder, {"logs/proxy.jsonl": lines, "openai/1.json": bill})
    )


def test_every_pair_of_tags_is_an_owner_of_its_own(company: Company) -> None:
    rows = company.query(
        "select feature, team, sum(billed_cost), count(distinct cell_id) from fct_cost_allocations"
        " where feature <> '__unallocated__' group by all"
    )
    assert sorted(rows) == sorted((feature, team, Decimal(10), 1) for feature, team in TAGGED)


def test_a_tag_that_says_nobody_says_nothing(company: Company) -> None:
    sources = "select distinct feature_source from fct_requests where feature = '__unallocated__'"
    assert company.query(sources) == [("none",)]


def test_what_no_rule_can_say_is_one_line_and_the_rest_is_proposed(company: Company) -> None:
    ranked = "from mart_unallocated where dimension = 'feature'"
    assert company.query(f"select cost, proposal {ranked} and match is null") == [
        (Decimal(30), "none")
    ]
    assert company.query(
        f"select match, proposed_owner {ranked} and match is not null order by match"
    ) == [
        ("key_alias=größe", "größe"),
        ('key_alias=größe "x", y', "größe-x-y"),
        ("key_alias=人事", "人事"),
    ]
