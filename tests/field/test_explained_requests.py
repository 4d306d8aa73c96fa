"""`explain --request`: what one request cost on the bill and why, found by every id it has."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from ingestion.workspace.settings import WorkspaceError
from orchestration.commands.explain import as_tree
from orchestration.explaining.owner import Node
from orchestration.explaining.request import explain_request
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, costs, line, log, write_company

DAY = "2026-10-05"
CALLS = [
    # 4,000 tokens are 0.01 at the list and 0.02 on the bill
    call(f"{DAY}T10:00:00Z", "gpt-4o", 4000, request_id="plain", key="key", feature_tag="chat"),
    call(f"{DAY}T10:01:00Z", "gpt-4o", 12000, request_id="plain-too", key="key", who="ann"),
    # one id, three attempts
    *(
        call(
            f"{DAY}T11:00:0{n}Z", "gpt-4o-mini", 1000 * n, request_id="shared", attempt=n, key="key"
        )
        for n in (1, 2, 3)
    ),
    call(f"{DAY}T12:00:00Z", "gpt-4o", 4000, request_id="hit", cache_layer="semantic", key="key"),
    # nobody sells it, and the bill has it
    call(
        f"{DAY}T13:00:00Z",
        "house-model-7",
        5000,
        request_id="unpriced",
        key="key",
        provider="openai",
    ),
    # logged and not billed, on a day that has a bill
    call(f"{DAY}T14:00:00Z", "o4-mini", 900, request_id="unbilled", key="key"),
    call("2026-10-09T10:00:00Z", "gpt-4o", 4000, request_id="open", key="key"),
    call("2026-10-09T11:00:00Z", "house-model-7", 4000, request_id="open-unpriced", key="key"),
    call(f"{DAY}T09:00:00Z", "gpt-4o", 0, request_id="failed", status="500", key="key"),
]
BILL = costs(
    line(DAY, "gpt-4o-2024-08-06, input", "0.08", 16000),
    line(DAY, "gpt-4o-mini-2024-07-18, input", "0.006", 6000),
    line(DAY, "house-model-7, input", "1.5", 5000),
)
RULES = (
    "priority,match,set_feature,set_team\n10,user=ann,search,web\n20,model=gpt-4o-mini,mail,crm\n"
)


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    files = {
        "logs/a.jsonl": log(CALLS),
        "openai/costs.json": BILL,
        "reference/attribution_rules.csv": RULES,
    }
    return Company(project, write_company(tmp_path_factory.mktemp("requests"), files))


def explained(company: Company, wanted: str) -> Node:
    return explain_request(company.connection, wanted, "billed")


def nodes(node: Node, level: str) -> Iterator[Node]:
    if node.level == level:
        yield node
    for child in node.children:
        yield from nodes(child, level)


def notes(node: Node) -> str:
    return as_tree(node, "USD")


def test_a_request_says_its_price_its_charge_and_who_decided_its_owners(company: Company) -> None:
    root = explained(company, "plain-too")
    assert (root.amount, len(root.children)) == (Decimal("0.06"), 1)
    [meter] = nodes(root, "meter")
    assert (meter.name, meter.amount) == ("input", Decimal("0.06"))
    assert "12,000 units; list 0.03 at 2.5 a million" in meter.note
    assert "price openai/gpt-4o/" in meter.note
    [charge] = nodes(root, "charge")
    charge_id = company.value(
        "select charge_id from main.fct_charges where charge_description like 'gpt-4o-2024%'"
    )
    assert (charge.name, charge.amount) == (charge_id, Decimal("0.06"))
    assert charge.note.startswith(f"gpt-4o-2024-08-06, input, {DAY}: 0.08 in all; matched by ")
    assert charge.note.endswith("split by quantity")
    owners = {owner.name: owner.note for owner in nodes(root, "owner")}
    assert owners["team web"] == "by rule `10 user=ann`"
    assert owners["feature search"] == "by rule `10 user=ann`"
    assert owners["tier __unallocated__"].startswith("by ")


def test_it_is_found_by_its_key_too_and_sums_to_what_the_marts_say(company: Company) -> None:
    for key, amount in company.query(
        "select request_key, sum(billed_cost) + coalesce(sum(estimated_cost), 0)"
        " from main.fct_request_costs group by all"
    ):
        root = explained(company, key)
        assert (root.amount or 0) == amount, key
        for node in (root, *nodes(root, "request"), *nodes(root, "meter")):
            parts = [child.amount for child in node.children if child.amount is not None]
            assert (node.amount or 0) == sum(parts, Decimal())


def test_requests_that_share_an_id_are_all_listed(company: Company) -> None:
    root = explained(company, "shared")
    assert root.note == "3 requests"
    assert [child.amount for child in root.children] == [
        *(Decimal("0.001"), Decimal("0.002"), Decimal("0.003"))
    ]
    assert "team crm  [by rule `20 model=gpt-4o-mini`]" in notes(root)


@pytest.mark.parametrize(
    ("wanted", "amount", "said"),
    [
        ("hit", Decimal(0), "answered by the gateway's cache (semantic): nothing was billed"),
        ("unpriced", Decimal("1.5"), "no list price: the price book does not know the model"),
        ("unpriced", Decimal("1.5"), "unpriced: a part of it has no list price"),
        ("unbilled", Decimal(0), "unmatched: no line of the bill has its keys and units left"),
        ("open", Decimal("0.01"), "estimated: no bill of that account and day yet"),
        ("open-unpriced", None, "no bill of that account and day yet, and no price to estimate"),
        ("failed", Decimal(0), "it ended as error"),
    ],
)
def test_what_is_not_simply_billed_says_why(
    company: Company, wanted: str, amount: Decimal | None, said: str
) -> None:
    root = explained(company, wanted)
    assert root.amount == amount
    assert said in notes(root)


def test_a_request_from_before_the_first_attributed_day_says_so(company: Company) -> None:
    connection = company.connection
    connection.execute("begin")
    connection.execute("update main.fct_cost_allocations set match_level = 'before_since'")
    assert "before the first day that is attributed (`since`" in notes(explained(company, "plain"))
    connection.execute("rollback")


def test_an_id_that_no_request_has_is_a_sentence(company: Company) -> None:
    with pytest.raises(WorkspaceError, match="no request has the id plain-3, neither as request"):
        explained(company, "plain-3")
