"""What `tollbook explain` says of estimates without a price: unknown, and how many requests."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from orchestration.commands.explain import as_tree
from orchestration.explaining.known_owners import what_there_is
from orchestration.explaining.owner import Node, explain

# An hour of open use: model `known` has a price, model `new` has none.
TABLES = """
create table fct_cost_allocations as
select
    model || meter as allocation_id, 'estimate:o:org:2026-10-02' as charge_id, model as cell_id,
    meter as cell_meter, date '2026-10-01' as billing_month,
    timestamp '2026-10-02 10:00' as usage_hour, date '2026-10-02' as usage_date,
    'openai' as provider, 'org' as billing_account,
    'key' as credential_id, model, meter, 'chat' as feature, 'search' as team, 'free' as tier,
    'prod' as environment, 'basic' as plan, 100 as quantity, 0::decimal(38, 12) as billed_cost,
    cost::decimal(38, 12) as estimated_cost, null::decimal(38, 12) as list_cost,
    null::decimal(38, 12) as contracted_cost, 'estimated' as cost_basis, 'none' as match_level,
    'contracted_cost' as allocation_method, null::varchar as residual_cause
from (values ('known', 'input', 0.5), ('new', 'input', null), ('new', 'output', null))
    as uses (model, meter, cost);
create table fct_request_meters as
select
    name as request_key, date '2026-10-02' as usage_date, model as cell_id, meter,
    null::varchar as price_id
from (values ('a', 'known', 'input'), ('b', 'new', 'input'), ('b', 'new', 'output'),
    ('c', 'new', 'input')) as used (name, model, meter);
create table fct_requests as
select distinct
    request_key, usage_date, timestamp '2026-10-02 10:00' as started_at,
    'tag:feature' as feature_source, 'rule' as team_source, null::varchar as feature_rule,
    '10 user=a*' as team_rule
from fct_request_meters;
create table fct_request_costs as
select
    cell_id || meter as allocation_id, request_key, request_key as request_id, usage_date, meter,
    50 as quantity, 0::decimal(38, 12) as billed_cost,
    case when cell_id = 'known' then 0.5::decimal(38, 12) end as estimated_cost
from fct_request_meters;
create table fct_shared_cost_moves as
select
    date '2026-10-01' as billing_month, team, feature, amount::decimal(38, 12) as amount, rule
from (values ('search', 'chat', 0.3, '10 team=it'), ('search', 'chat', -0.1, '20 team=search'),
    ('it', 'vpn', -0.3, '10 team=it'), ('hr', 'cv', 0.1, '20 team=search'))
    as moved (team, feature, amount, rule);
create table fct_charges (
    charge_id varchar, charge_description varchar, charge_period_start date,
    billed_cost decimal(38, 12)
);
"""


@pytest.fixture
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        yield connection


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from nodes(child)


def test_what_has_no_price_is_unknown_and_counted_at_every_level(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    root = explain(marts, date(2026, 10, 1), {}, None)
    found = {(node.level, node.name): (node.amount, node.unpriced_requests) for node in nodes(root)}
    half = Decimal("0.5")
    assert found["month", "2026-10"] == (half, 2)
    assert found["account", "openai / org (estimated)"] == (half, 2)
    assert found["model", "known"] == (half, 0)
    assert found["model", "new"] == (None, 2)
    assert found["meter", "output"] == (None, 1)
    assert found["cell", "new output"] == (None, 1)
    assert found["request", "a"] == (half, 0)
    assert found["request", "c"] == (None, 1)


def test_an_owner_bears_its_shared_costs_and_the_month_as_a_whole_none(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    month = date(2026, 10, 1)
    root = explain(marts, month, {"team": "search"}, 1)
    assert root.amount == Decimal("0.7")
    shared = root.children[-1]
    assert (shared.level, shared.amount, shared.hidden_amount) == (
        *("shared", Decimal("0.2")),
        Decimal("-0.1"),
    )
    assert [(rule.name, rule.amount) for rule in shared.children] == [
        ("10 team=it", Decimal("0.3"))
    ]
    assert explain(marts, month, {"team": "it"}, 1).amount == Decimal("-0.3")
    assert explain(marts, month, {}, None).amount == Decimal("0.5")


def test_a_request_says_which_rule_decided(marts: duckdb.DuckDBPyConnection) -> None:
    tree = as_tree(explain(marts, date(2026, 10, 1), {}, None), "USD")
    assert "feature by tag:feature, team by rule `10 user=a*`" in tree


@pytest.mark.parametrize(
    ("month", "owner", "said"),
    [
        (9, {"team": "search"}, "there are 2026-10"),
        (10, {"team": "SEARCH"}, "no team is called so, did you mean search?"),
        (10, {"feature": "chat", "team": "xyz"}, "no team is called so: there are search"),
        (10, {"team": "search"}, "each of them has some, but not together"),
    ],
)
def test_who_asks_for_what_there_is_not_is_told_what_there_is(
    marts: duckdb.DuckDBPyConnection, month: int, owner: dict[str, str], said: str
) -> None:
    assert what_there_is(marts, date(2026, month, 1), owner) == said


def test_the_tree_says_so_in_words(marts: duckdb.DuckDBPyConnection) -> None:
    lines = as_tree(explain(marts, date(2026, 10, 1), {}, 1), "USD").splitlines()
    assert lines[0] == "0.5  2026-10 USD  [2 requests without a price]"
    assert lines[-1].strip(" └─") == "unknown  … 1 more"
    tree = as_tree(explain(marts, date(2026, 10, 1), {"feature": "chat"}, None), "USD")
    assert "unknown  new  [2 requests without a price]" in tree
    assert "unknown  output  [1 request without a price]" in tree
