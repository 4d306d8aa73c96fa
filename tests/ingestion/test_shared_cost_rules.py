"""shared_costs.csv: what is read of a rule, and what is wrong with one."""

from pathlib import Path

import pytest

from ingestion.reference.files import ReferenceError, read_reference
from ingestion.workspace.settings import load_workspace

HEADER = "priority,match,method,basis,targets,valid_from,valid_to\n"


def written(folder: Path, *lines: str) -> Path:
    (folder / "reference").mkdir()
    (folder / "tollbook.yaml").write_text(
        "company: N\ngateways: [{name: g, format: litellm, location: logs}]\n"
    )
    (folder / "reference" / "shared_costs.csv").write_text(HEADER + "\n".join([*lines, ""]))
    return folder


def test_a_rule_has_its_conditions_and_targets(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        "1,Team=Platform & model=gpt-4o*,fixed,,team=search:60; team=Chat:39.5,2026-10-01,",
        "2,residual_cause=tax,proportional,tokens,,,",
    )
    reference = read_reference(load_workspace(folder))
    rules = reference["shared_costs"].to_pylist()
    assert [(rule["priority"], rule["basis"], rule["targets"]) for rule in rules] == [
        (1, "direct_cost", "team=search:60; team=chat:39.5"),
        (2, "tokens", "team=*"),
    ]
    conditions = reference["shared_cost_conditions"].to_pylist()
    assert [tuple(row.values()) for row in conditions] == [
        (2, 1, "team", "platform"),
        (2, 2, "model", "gpt-4o*"),
        (3, 1, "residual_cause", "tax"),
    ]
    targets = reference["shared_cost_targets"].to_pylist()
    assert [tuple(row.values()) for row in targets] == [
        (2, 1, "team", "search", 60_000_000),
        (2, 2, "team", "chat", 39_500_000),
        (3, 1, "team", "*", None),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1,colour=red,even,,,,", "match: unknown field `colour`"),
        ("1,team,even,,,,", "match: `team` is no condition"),
        ("1,team=a,smear,,,,", "method: `smear` is not one of"),
        ("1,team=a,even,weight,,,", "basis: `weight` is not one of"),
        ("1,team=a,fixed,,team=b,,", "targets: `fixed` needs a share for every target"),
        ("1,team=a,even,,team=b:2,,", "targets: a share is for `fixed` only, not for `even`"),
        ("1,team=a,fixed,,team=b:0,,", "targets: `team=b:0`: the share must be a positive number"),
        ("1,team=a,fixed,,team=b:0.0000001,,", "at most six decimals"),
        ("1,team=a,even,,colour=b,,", "targets: `colour` is not one of feature, team"),
        ("1,team=a,even,,team=b; feature=c,,", "mixes dimensions"),
        ("1,team=a,even,,;,,", "names nobody"),
        (",team=a,even,,,,", "priority: is empty"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    folder = written(tmp_path, line)
    with pytest.raises(ReferenceError) as caught:
        read_reference(load_workspace(folder))
    assert "shared_costs.csv:2: " in str(caught.value)
    assert said in str(caught.value)


def test_two_rules_of_one_priority_are_an_error(tmp_path: Path) -> None:
    folder = written(tmp_path, "1,team=a,keep,,,,", "1,team=b,keep,,,,")
    with pytest.raises(ReferenceError, match=r"csv:3: priority: `1` ties with line 2"):
        read_reference(load_workspace(folder))
