"""attribution_rules.csv: what a match says, what is wrong with it, and who ties."""

from pathlib import Path

import pytest

from ingestion.reference.rules.match import conditions, match_text, specificity
from tests.ingestion.test_reference import problems, read

HEADER = "priority,match,set_feature,set_team,valid_from,valid_to\n"


def test_a_match_is_conditions_joined_by_an_ampersand() -> None:
    found = conditions("Key_Alias=HR-* & tag:App = R&D & metadata:a.b=x=y")
    assert [(each.field, each.glob) for each in found] == [
        ("key_alias", "hr-*"),
        ("tag:app", "r&d"),
        ("metadata:a.b", "x=y"),
    ]
    assert match_text("project=P_1  &  model=*") == "sub_account=p_1 & model=*"


def test_literals_say_more_than_globs_and_long_globs_more_than_short_ones() -> None:
    ordered = ["user=ab & model=x", "user=abc", "user=a*", "user=*"]
    ranks = [specificity(conditions(match)) for match in ordered]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) == len(ranks)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("1,kee=a,f,,,", "match: unknown field `kee`: known are gateway, key, "),
        ("1,tag:=a,f,,,", "match: unknown field `tag:`"),
        ("1,tag:*=a,f,,,", "match: `tag:*`: `*` is not a key: name one"),
        ('1,"tag:a""b=a",f,,,', 'match: `tag:a"b`: quotes and backslashes are not allowed'),
        ("1,key= & user=b,f,,,", "match: `key=` has no glob: write a value, or * for any"),
        ("1,key=a &,f,,,", "match: `` is no condition: write field=glob, joined by ` & `"),
        ("1,key,f,,,", "match: `key` is no condition"),
        ("1,,f,,,", "match: is empty: give a value"),
        ("1,key=a,,,,", "set_feature: give at least one of set_feature, set_team, set_tier, "),
        ("first,key=a,f,,,", "priority: `first` is not a whole number like 10"),
        ("1,key=a,f,,2026-10-02,2026-10-01", "valid_to: is not after valid_from"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_column(
    tmp_path: Path, line: str, problem: str
) -> None:
    [told] = problems(tmp_path, attribution_rules=f"{HEADER}{line}\n")
    assert told.startswith(f"attribution_rules.csv:2: {problem}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,key=a*,f,,,", "1,key=*b,g,,,"),
        ("1,key=a* & user=x,f,,,", "1,user=x & key=*b,g,,,"),
        ("1,key=a,f,,,", "1,key=a,f,,,"),
        ("1,key=a,f,,,2026-10-02", "1,key=a,g,,2026-10-01,"),
    ],
)
def test_rules_that_nothing_puts_in_order_tie(tmp_path: Path, one: str, other: str) -> None:
    [told] = problems(tmp_path, attribution_rules=f"{HEADER}{one}\n{other}\n")
    assert told.startswith("attribution_rules.csv:3: match: ")
    assert "ties with line 2" in told
    assert "in priority 1 on set_feature: give them different priorities, or times" in told


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,key=a*,f,,,", "2,key=*b,g,,,"),
        ("1,key=ab,f,,,", "1,key=a*,g,,,"),
        ("1,key=abc*,f,,,", "1,key=a*,g,,,"),
        ("1,key=a*,f,,,", "1,key=b*,g,,,"),
        ("1,key=a*,f,,,", "1,key=*b,,team,,"),
        ("1,key=a*,f,,,2026-10-01", "1,key=*b,g,,2026-10-01,"),
        # only the log can tell whether a request has both: the earlier line goes first
        ("1,key=a*,f,,,", "1,user=b*,g,,,"),
        ("1,key=a* & user=x,f,,,", "1,key=*b & user=y,g,,,"),
    ],
)
def test_rules_in_some_order_or_without_a_common_request_do_not_tie(
    tmp_path: Path, one: str, other: str
) -> None:
    reference = read(tmp_path, attribution_rules=f"{HEADER}{one}\n{other}\n")
    assert reference["attribution_rules"].num_rows == 2


def test_conditions_are_rows_of_their_own(tmp_path: Path) -> None:
    reference = read(tmp_path, attribution_rules=f"{HEADER}5,key=a* & User=B,f,,,\n")
    [rule] = reference["attribution_rules"].to_pylist()
    assert (rule["priority"], rule["match"], rule["line"]) == (5, "key=a* & user=b", 2)
    assert [
        tuple(row.values()) for row in reference["attribution_rule_conditions"].to_pylist()
    ] == [
        (2, 1, "key", "a*"),
        (2, 2, "user", "b"),
    ]
