"""The HR company on day 0: nothing tagged, no gateway teams, no name that tells a feature."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest
from workspace_runs import copy_workspace, forget_build, run
from workspaces import assert_same_tables, command, contents, log_lines, log_objects, query

from simulation.company.industries import HR
from simulation.simulate import simulate

REQUESTS: Final = 2500
HAND_WRITTEN: Final = Path(__file__).parent / "fixtures" / "hand_written_rules.csv"
NOBODY: Final = "__unallocated__"
# four runs; the short form is tests/scenarios/test_hr_company.py
pytestmark = pytest.mark.whole
RULES: Final = Path("reference") / "attribution_rules.csv"


@dataclass(frozen=True, slots=True)
class Stage:
    """What the marts said after one run. `owned`: owner -> true feature -> billed dollars."""

    billed: dict[tuple[Any, ...], Decimal]
    owned: dict[str, dict[str, Decimal]]
    requests: list[tuple[Any, ...]]
    owners: set[tuple[str, str]]
    ranked: dict[str, list[Decimal]]
    rules: dict[str, tuple[Any, ...]]

    @property
    def total(self) -> Decimal:
        return sum(self.billed.values(), Decimal())

    @property
    def owned_in_all(self) -> Decimal:
        return sum(
            (
                sum(costs.values(), Decimal())
                for owner, costs in self.owned.items()
                if owner != NOBODY
            ),
            Decimal(),
        )


@dataclass(frozen=True, slots=True)
class Stages:
    folder: Path
    day_0: Stage
    accepted: Stage
    hand_written: Stage
    changed: Stage
    explained: str  # by the command, of the last stage


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """Day 0; proposals accepted unread; ten rules by hand; then one of them ends on 15 September,
    one that never matches and a shadowed one are added."""
    folder = tmp_path_factory.mktemp("rules") / "company"
    simulate(folder, REQUESTS, preset="untagged")
    day_0 = built(folder)
    result = command(folder, "rules", "--accept")
    assert result.exception is None, result.output
    accepted = built(folder)
    text = HAND_WRITTEN.read_text()
    (folder / RULES).write_text(text)
    hand_written = built(folder)
    ended = text.replace("analytics,,,,,,batches", "analytics,,,,,2026-09-15,batches")
    more = "40,key_alias=svc-99-*,other,,,,,,,\n60,key_alias=svc-83-prod,other,,,,,,,\n"
    (folder / RULES).write_text(ended + more)
    changed = built(folder)
    explained = command(folder, "rules", "--explain").output
    return Stages(folder, day_0, accepted, hand_written, changed, explained)


def built(folder: Path) -> Stage:
    outcome = run(folder)
    assert outcome.status == 0, outcome.output
    costs = query(
        folder,
        "select provider, billing_month, meter, sum(billed_cost) from fct_cost_allocations"
        " group by all",
    )
    ranked: dict[str, list[Decimal]] = defaultdict(list)
    for dimension, cost in query(
        folder, "select dimension, cost from mart_unallocated order by billing_month, dollar_rank"
    ):
        ranked[dimension].append(cost)
    rules = query(
        folder,
        "select rule, status, matched_requests, feature_requests, feature_cost"
        " from dim_attribution_rules",
    )
    return Stage(
        billed={tuple(key): cost for *key, cost in costs},
        owned=owned(folder),
        requests=query(
            folder,
            "select started_at, gateway_key_alias, request_key, feature, feature_source,"
            " feature_rule from fct_requests order by all",
        ),
        owners=set(query(folder, "select feature, team from fct_cost_allocations")),
        ranked=ranked,
        rules={rule: tuple(rest) for rule, *rest in rules},
    )


def owned(folder: Path) -> dict[str, dict[str, Decimal]]:
    with duckdb.connect(folder / "marts.duckdb", read_only=True) as marts:
        marts.execute(f"set file_search_path = '{folder}'")
        rows = marts.execute(
            "select r.feature, t.feature, sum(c.billed_cost) from fct_request_costs c"
            " join fct_requests r on c.request_key = r.request_key"
            f" join '{folder}/truth/requests.parquet' t"
            " on r.request_id = t.request_id and r.call_id = t.call_id group by all"
        ).fetchall()
    costs: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for owner, feature, cost in rows:
        costs[owner][feature] = cost
    return costs


def test_the_log_names_no_feature_and_no_team(stages: Stages) -> None:
    names = {feature for feature, *_ in HR.features} | {team for team, *_ in HR.teams}
    lines = [line for file in log_objects(stages.folder) for line in log_lines(file)]
    assert len(lines) >= REQUESTS
    assert not [line for line in lines if any(name in line for name in names)]


@pytest.mark.parametrize("dimension", ["feature", "team"])
def test_day_0_is_all_unallocated_and_ranked_to_the_last_cent(
    stages: Stages, dimension: str
) -> None:
    assert stages.day_0.owners == {(NOBODY, NOBODY)}
    ranked = stages.day_0.ranked[dimension]
    assert sum(ranked) == stages.day_0.total > 100
    assert ranked == sorted(ranked, reverse=True)


def test_proposals_accepted_unread_own_four_fifths_and_are_right(stages: Stages) -> None:
    stage = stages.accepted
    assert stage.owned_in_all >= Decimal("0.8") * stage.total
    # an invented name is right where it stands for one feature, and no other name does
    best = {
        owner: max(costs, key=costs.__getitem__)
        for owner, costs in stage.owned.items()
        if owner != NOBODY
    }
    assert len(set(best.values())) == len(best) <= len(HR.features)
    right = sum(stage.owned[owner][feature] for owner, feature in best.items())
    assert right >= Decimal("0.99") * stage.owned_in_all


def test_ten_rules_written_by_hand_own_nearly_all_and_are_right(stages: Stages) -> None:
    assert len(HAND_WRITTEN.read_text().splitlines()) == 1 + 10
    stage = stages.hand_written
    assert stage.owned_in_all >= Decimal("0.95") * stage.total
    right = sum(stage.owned[feature].get(feature, Decimal()) for feature, *_ in HR.features)
    assert right >= Decimal("0.99") * stage.owned_in_all


def test_rules_move_no_billed_cent(stages: Stages) -> None:
    for stage in (stages.accepted, stages.hand_written, stages.changed):
        assert stage.billed == stages.day_0.billed


def test_a_rule_that_ends_frees_only_what_comes_after(stages: Stages) -> None:
    end = datetime.fromisoformat("2026-09-15")
    ours = [row for row in stages.changed.requests if row[1].startswith("svc-20-")]
    assert {(row[0] < end, *row[3:]) for row in ours} == {
        (True, "sentiment-analysis", "rule", "40 key_alias=svc-20-*"),
        (False, NOBODY, "none", None),
    }
    assert [row for row in stages.changed.requests if row not in ours] == [
        row for row in stages.hand_written.requests if not row[1].startswith("svc-20-")
    ]


def test_explain_tells_what_rules_gained_and_which_do_nothing(stages: Stages) -> None:
    stage = stages.changed
    screening = stage.rules["10 key_alias=svc-83-prod & model_requested=claude-opus"]
    elsewhere = stage.rules["20 key_alias=svc-83-* & model_requested=claude-haiku"]
    assert screening[0] == elsewhere[0] == "decides"
    assert screening[3] + elsewhere[3] == sum(stage.owned["resume-screening"].values())
    assert stage.rules["40 key_alias=svc-99-*"] == ("never matches", 0, 0, 0)
    assert stage.rules["60 key_alias=svc-83-prod"][0] == "shadowed"
    told = stages.explained
    assert "line 12 `40 key_alias=svc-99-*` never matches: no request of the log" in told
    assert (
        "line 13 `60 key_alias=svc-83-prod` shadowed: another rule decides everything it matches,"
        " mostly `10 key_alias=svc-83-prod & model_requested=claude-opus`" in told
    )
    assert "without a feature" in told


@pytest.mark.slow
def test_rules_changed_three_times_are_a_fresh_build(stages: Stages, tmp_path: Path) -> None:
    fresh = copy_workspace(stages.folder, tmp_path / "fresh")
    forget_build(fresh)
    built(fresh)
    assert_same_tables(contents(stages.folder), contents(fresh))
