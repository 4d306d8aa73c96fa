"""`tollbook explain`: from a cell of the marts to charges and requests, one sum at every level."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from workspaces import query

from orchestration.command import tollbook

LEVELS = ["account", "cause", "model", "meter", "charge", "cell", "request"]


def explained(folder: Path, *options: str) -> dict[str, Any]:
    result = CliRunner().invoke(
        tollbook,
        ["--workspace", str(folder), "explain", "--format", "json", *options],
        catch_exceptions=False,
    )
    assert result.exit_code == 0, result.output
    tree: dict[str, Any] = json.loads(result.stdout, parse_float=Decimal, parse_int=Decimal)
    return tree


def assert_sums(node: dict[str, Any], levels: list[str]) -> int:
    """Children and what is hidden sum to their node; the number of requests below it."""
    if not node["children"]:
        return int(node["level"] == "request")
    assert {child["level"] for child in node["children"]} == {levels[0]}
    total = sum(child["amount"] for child in node["children"]) + node["hidden_amount"]
    assert total == node["amount"], node["name"]
    return sum(assert_sums(child, levels[1:]) for child in node["children"])


def months(folder: Path) -> list[str]:
    rows = query(folder, "select distinct strftime(billing_month, '%Y-%m') from fct_charges")
    return sorted(month for (month,) in rows)


def test_every_level_of_every_month_sums_to_the_marts(built: Path) -> None:
    for month in months(built):
        tree = explained(built, "--month", month)
        [(total,)] = query(
            built,
            "select sum(billed_cost) + sum(coalesce(estimated_cost, 0)) from fct_cost_allocations"
            f" where strftime(billing_month, '%Y-%m') = '{month}'",
        )
        assert tree["amount"] == total
        assert assert_sums(tree, LEVELS) > 0


def test_a_feature_is_explained_down_to_all_of_its_requests(small: Path) -> None:
    month = months(small)[0]
    [(team, feature, cost)] = query(
        small,
        "select team, feature, sum(billed_cost) + sum(coalesce(estimated_cost, 0)) as cost"
        " from fct_cost_allocations"
        f" where strftime(billing_month, '%Y-%m') = '{month}' and feature <> '__unallocated__'"
        " group by all having cost > 0 order by count(*), team limit 1",
    )
    tree = explained(small, "--month", month, "--team", team, "--feature", feature, "--all")
    assert tree["amount"] == cost
    found = assert_sums(tree, LEVELS)
    [(shares,)] = query(
        small,
        "select count(*) from (select distinct costs.request_key, charge_id, cell_id, costs.meter"
        " from fct_request_costs as costs join fct_cost_allocations as allocations"
        " using (allocation_id, charge_id, cell_id)"
        f" where team = '{team}' and feature = '{feature}'"
        f" and strftime(allocations.billing_month, '%Y-%m') = '{month}')",
    )
    assert found == shares


def test_what_no_request_explains_ends_at_the_charge(built: Path) -> None:
    tree = explained(built, "--month", months(built)[0], "--team", "__unallocated__")
    assert assert_sums(tree, LEVELS) >= 0
    causes = {child["name"] for account in tree["children"] for child in account["children"]}
    assert causes & {"outside_gateway", "non_token", "tax", "credit"}


def test_the_text_tells_price_match_and_rule(built: Path) -> None:
    result = CliRunner().invoke(
        tollbook, ["--workspace", str(built), "explain", "--month", months(built)[0], "--top", "1"]
    )
    assert result.exit_code == 0, result.output
    assert all(
        word in result.stdout
        for word in ("matched by", "split by quantity", "feature by tag:feature", "list price")
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--month", "2026-13"], "write it as 2026-10"),
        (["--month", "2020-01"], "2020-01: no money and no requests"),
        (["--month", "2026-09", "--team", "nobody"], "team=nobody: no money"),
    ],
)
def test_what_is_not_there_is_said(built: Path, options: list[str], said: str) -> None:
    result = CliRunner().invoke(tollbook, ["--workspace", str(built), "explain", *options])
    assert result.exit_code != 0
    assert said in f"{result.output}{result.exception}"


@pytest.mark.parametrize("field", ["user", "customer", "session", "trace"])
def test_costs_by_a_field_of_requests_sum_to_their_cells(built: Path, field: str) -> None:
    rows = query(
        built,
        "with cells as (select cell_id, sum(billed_cost) as billed from fct_cost_allocations"
        " where cell_id is not null group by cell_id), costs as ("
        f" select cell_id, sum(billed_cost) as billed from fct_{field}_costs group by cell_id)"
        " select count(*), count(*) filter (where cells.billed is distinct from costs.billed),"
        " sum(costs.billed) from cells full join costs using (cell_id)",
    )
    [(count, wrong, billed)] = rows
    assert count > 100 and wrong == 0 and billed > 0
    assert query(built, f"select count(distinct {field}_id) from fct_{field}_costs")[0][0] > 1
