"""Shared costs end to end: ordered rules move billed money, and add or lose none."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from compiled_project import CompiledProject
from workspace_runs import copy_workspace, run
from workspaces import command, query, write_files

from ingestion.workspace.settings import Workspace
from tests.scenarios.companies import Company, OwnCompany

pytestmark = pytest.mark.whole

# Tax stays central. What nobody's key explains goes to two teams, 60 to 40; tools are spread over
# the features by tokens; the money that the first team then has of its unnamed features goes on.
RULES = """priority,match,method,basis,targets,valid_from,valid_to
1,residual_cause=tax,keep,,,,
2,residual_cause=outside_gateway & team=__unallocated__,fixed,,team={first}:60; team={second}:40,,
3,residual_cause=non_token,proportional,tokens,feature=*,,
4,residual_cause=credit,even,,team={first}; team={second}; team=legal,,
5,team=legal,proportional,direct_cost,team=*,,
"""


@pytest.fixture(scope="module")
def teams(built: Path) -> list[str]:
    rows = query(
        built,
        "select team from fct_cost_allocations where team <> '__unallocated__'"
        " group by team order by sum(billed_cost) desc limit 2",
    )
    return [team for (team,) in rows]


@pytest.fixture(scope="module")
def shared(built: Path, teams: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_workspace(built, tmp_path_factory.mktemp("shared") / "company")
    first, second = teams
    rules = RULES.format(first=first, second=second)
    (folder / "reference" / "shared_costs.csv").write_text(rules)
    outcome = run(folder)
    assert outcome.status == 0, outcome.output
    return folder


def total(folder: Path, sql: str) -> Any:
    return query(folder, sql)[0][0]


def test_every_step_of_every_allocation_sums_to_zero(shared: Path) -> None:
    steps = query(
        shared, "select step, sum(amount), count(*) from fct_shared_cost_moves group by 1"
    )
    assert sorted(step for step, _, _ in steps) == [2, 3, 4, 5]
    assert {amount for _, amount, _ in steps} == {Decimal(0)}
    assert not query(
        shared,
        "select allocation_id from fct_shared_cost_moves group by allocation_id, step"
        " having sum(amount) <> 0",
    )


def test_what_is_spread_is_what_the_rules_name(shared: Path) -> None:
    for cause, step in (("outside_gateway", 2), ("non_token", 3), ("credit", 4)):
        only = " and team = '__unallocated__'" if cause == "outside_gateway" else ""
        had = total(
            shared,
            "select sum(billed_cost) from fct_cost_allocations"
            f" where residual_cause = '{cause}'{only}",
        )
        moved = total(
            shared,
            f"select sum(amount) from fct_shared_cost_moves where step = {step} and side = 'in'",
        )
        assert had == moved != 0


def test_fixed_shares_and_even_ones(shared: Path, teams: list[str]) -> None:
    reached = dict(
        query(
            shared,
            "select team, sum(amount) from fct_shared_cost_moves where step = 2 and side = 'in'"
            " group by team",
        )
    )
    assert reached.keys() == set(teams)
    # each allocation is split to the pico-unit, so the sum is off by less than one each
    count = total(shared, "select count(distinct allocation_id) from fct_shared_cost_moves")
    off = reached[teams[0]] * 40 - reached[teams[1]] * 60
    assert abs(off) <= Decimal(100 * count) * Decimal("1e-12")
    evenly = query(
        shared,
        "select to_team, sum(amount) from fct_shared_cost_moves where step = 4 and side = 'in'"
        " group by 1",
    )
    assert {team for team, _ in evenly} == {*teams, "legal"}
    amounts = [amount for _, amount in evenly]
    assert max(amounts) - min(amounts) <= Decimal(count) * Decimal("1e-12")


def test_a_later_rule_has_what_an_earlier_one_moved(shared: Path) -> None:
    """Legal has no key and no bill: all that it has came in step 4, and left in step 5."""
    sums = "select sum(shared_cost), sum(fully_loaded_cost) from mart_fully_loaded_monthly"
    assert query(shared, f"{sums} where team = 'legal'") == [(Decimal(0), Decimal(0))]


def test_direct_and_fully_loaded_have_one_total(shared: Path, built: Path) -> None:
    billed = total(shared, "select sum(billed_cost) from fct_cost_allocations")
    assert billed == total(built, "select sum(billed_cost) from fct_cost_allocations")
    loaded = "select sum(fully_loaded_cost), sum(shared_cost) from mart_fully_loaded_monthly"
    assert query(shared, loaded) == [(billed, Decimal(0))]
    for mart, column in (
        ("mart_chargeback_monthly", "total_cost"),
        ("mart_showback_monthly", "billed_cost + shared_cost"),
    ):
        assert total(shared, f"select sum({column}) from {mart}") == billed
    direct = (
        "select billing_month, team, sum(direct_cost) from mart_fully_loaded_monthly"
        " group by all having sum(direct_cost) <> 0 order by all"
    )
    assert query(shared, direct) == query(built, direct)


def test_explain_sums_to_what_a_team_is_charged(shared: Path, teams: list[str]) -> None:
    [(month, team, charged)] = query(
        shared,
        "select strftime(billing_month, '%Y-%m'), team, sum(total_cost + estimated_cost)"
        f" from mart_chargeback_monthly where team = '{teams[0]}' group by all order by 1 limit 1",
    )
    told = command(shared, "explain", "--month", month, "--team", team, "--format", "json")
    tree = json.loads(told.stdout, parse_float=Decimal)
    assert (tree["amount"], tree["children"][-1]["level"]) == (charged, "shared")


def test_tax_stays_central(shared: Path) -> None:
    kept = (
        "select sum(billed_cost) from fct_cost_allocations where residual_cause = 'tax'"
        " and allocation_id not in (select allocation_id from fct_shared_cost_moves)"
    )
    assert total(shared, kept) == total(shared, kept.split(" and ")[0]) != 0


@pytest.mark.parametrize("mart", ["fct_cost_allocations", "fct_cost_daily", "fct_requests"])
def test_spreading_changes_nothing_before_it(shared: Path, built: Path, mart: str) -> None:
    columns = "count(*), sum(cast(hash(t) as hugeint))"
    sql = f"select {columns} from (select * exclude (day_hash) from {mart}) as t"
    if mart != "fct_requests":
        sql = f"select {columns} from {mart} as t"
    assert query(shared, sql) == query(built, sql)


@pytest.fixture
def example(compiled: Callable[[Workspace], CompiledProject], tmp_path: Path) -> Company:
    """docs/decisions.md, 21: platform 28, search 60, chat 10, and a tax of 14."""
    files = {
        "tollbook.yaml": "company: Example\n"
        "gateways: [{name: proxy, format: generic, location: logs}]\n"
        "bills: [{name: openai, format: openai, account: org, location: bill}]\n",
        "logs/log.csv": "timestamp,model_name,provider,team,feature_tag,input_token_count,"
        "output_token_count\n"
        + "".join(
            f"2026-10-05T10:00:00Z,gpt-4o,openai,{team},{team},{tokens}000000,0\n"
            for team, tokens in (("platform", 28), ("search", 60), ("chat", 10))
        ),
        "bill/page.json": '{"object":"page","data":[{"object":"bucket","start_time":1791158400,'
        '"end_time":1791244800,"results":[{"object":"organization.costs.result",'
        '"amount":{"value":98,"currency":"usd"},"line_item":"gpt-4o-2024-08-06, input",'
        '"project_id":null,"api_key_id":null,"quantity":98000000,"quantity_unit":"tokens"}]}],'
        '"has_more":false,"next_page":null}',
        "reference/invoices.csv": "provider,billing_account,invoice_id,billing_month,amount,tax,"
        "currency\nopenai,org,I-1,2026-10,112,14,USD\n",
        "reference/shared_costs.csv": "priority,match,method,basis,targets\n"
        "1,team=platform,proportional,,\n2,residual_cause=tax,proportional,total_cost,team=*\n",
    }
    write_files(tmp_path, files)
    return OwnCompany(compiled, tmp_path)


def test_the_worked_example_of_the_decision(example: Company) -> None:
    rows = example.query(
        "select step, to_team, sum(amount) from fct_shared_cost_moves where side = 'in'"
        " group by all order by all",
    )
    assert rows == [
        (1, "chat", Decimal(4)),
        (1, "search", Decimal(24)),
        (2, "chat", Decimal(2)),
        (2, "search", Decimal(12)),
    ]
    loaded = example.query(
        "select team, fully_loaded_cost from mart_fully_loaded_monthly order by all"
    )
    assert loaded == [
        ("__unallocated__", Decimal(0)),
        ("chat", Decimal(16)),
        ("platform", Decimal(0)),
        ("search", Decimal(96)),
    ]
