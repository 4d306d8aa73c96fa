"""A known owner beats an unknown key: what a log without keys takes of a bill that has them."""

from decimal import Decimal

import pytest

from tests.field.keyless_accounts import DAY, Case, anthropic_pages, build, split, used
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company

K = 400_000
LAB, WEB = "key_lab,lab,,,,", "key_web,web,,,,"
BOTH = [(DAY, "key_web", "p", K), (DAY, "key_lab", "p", K)]

CASES = [
    # what deployments.csv or the entry says once of all requests
    Case("star", [used("web", K)], BOTH, credentials=[LAB, WEB], deployments=["*,p,key_web,,"]),
    Case("one_key", [used("ops", K)], BOTH, "credential: key_web", [LAB, WEB]),
    Case("own_owner", [used("web", 2 * K)], BOTH, credentials=[LAB, WEB]),
    Case("nobody", [used(None, 2 * K)], BOTH, credentials=[LAB, WEB]),
    Case("two_owned", [used("ops", 2 * K)], BOTH, credentials=[LAB, WEB]),
    Case("answered", [used("ops", 2 * K)], BOTH, "credential: none", [LAB, WEB]),
    Case("glob", [used("ops", 2 * K)], BOTH, "credential: 'key_l*'", [LAB, WEB]),
    Case("list", [used("ops", 2 * K)], BOTH, "credential: [key_lab, key_web]", [LAB, WEB]),
    Case(
        "other_deployment",
        [used("ops", K)],
        BOTH,
        credentials=[LAB, WEB],
        deployments=["eu,p,key_lab,,"],
    ),
    Case("environment", [used("ops", 2 * K)], BOTH, credentials=["key_lab,,,prod,,", WEB]),
    Case("case", [used("OPS", K)], BOTH, credentials=[LAB, "key_web,ops,,,,"]),
    Case("alias", [used("web", K)], BOTH, credentials=[LAB, "key_web,Website,,,,"]),
    Case("feature", [used("web", K, feature_tag="chat")], BOTH, credentials=["*,web,search,,,"]),
    Case("rule", [used(None, K, who="bot-1")], BOTH, credentials=[LAB, "key_web,ruled,,,,"]),
    # who goes first
    Case("free_first", [used("ops", K)], BOTH, "credential: ['*']", [LAB]),
    Case("own_first", [used("web", K)], BOTH, "credential: ['*']", [LAB, WEB]),
    # on that day
    Case(
        "from_the_15th",
        [used("ops", K, day) for day in ("2026-10-14", "2026-10-15")],
        [(day, "key_lab", "p", K) for day in ("2026-10-14", "2026-10-15")],
        credentials=["key_lab,lab,,,2026-10-15,"],
    ),
    Case(
        "until_noon",
        [used("ops", K)],
        [(DAY, "key_lab", "p", K)],
        credentials=["key_lab,lab,,,,2026-10-05T06:00:00Z"],
    ),
    # projects
    Case(
        "known_project",
        [used("ops", 2 * K, project="p")],
        [(DAY, "key_a", "p", K), (DAY, "key_b", "p", K)],
        credentials=["p,lab,,,,"],
    ),
    Case(
        "known_project_owned_key",
        [used("ops", 2 * K, project="p")],
        [(DAY, "key_a", "p", K), (DAY, "key_lab", "p", K)],
        credentials=["p,web,,,,", LAB],
    ),
    Case("unknown_project", [used("ops", K)], [(DAY, None, "p", K)], credentials=["p,lab,,,,"]),
    Case(
        "said_project",
        [used("ops", K)],
        [(DAY, None, "p", K)],
        "sub_account: p",
        credentials=["p,lab,,,,"],
    ),
    # other ways to money
    Case("money_alone", [used("ops", K)], [(DAY, "key_lab", "p", None)], credentials=[LAB]),
    Case(
        "money_allowed",
        [used("ops", K)],
        [(DAY, "key_lab", "p", None)],
        "credential: [key_lab, key_x]",
        [LAB],
    ),
    Case(
        "neighbour",
        [used("ops", K) | {"timestamp": "2026-10-05T23:30:00Z"}],
        [("2026-10-06", "key_lab", "p", K)],
        credentials=[LAB],
    ),
    Case(
        "shift",
        [used("ops", K, cached_tokens=K)],
        [(DAY, "key_lab", "p", K)],
        credentials=[LAB],
    ),
    Case(
        "refund",
        [used("ops", K)],
        [(DAY, "key_lab", "p", K), ("2026-10-06", "key_lab", "p", -K // 2)],
        credentials=[LAB],
    ),
    Case(
        "bridged",
        [used("web", 150_000, model_name="claude-opus-4-5") for _ in range(4)],
        (),
        credentials=["apikey_a,lab,,,,", "apikey_b,web,,,,"],
        provider="anthropic",
        pages=anthropic_pages({"apikey_a": 600_000, "apikey_b": 223_800}, "411.90"),
    ),
    # two gateways on one account
    Case("pair", [used("ops", K)], BOTH, "credential: ['key_l*']", [LAB, WEB]),
    Case("pair_b", [used("dev", K)], (), account="pair"),
]

ONE = Decimal("1.00")
REQUESTS, OUTSIDE = "requests", "outside_gateway"
RIGHT = {
    "star": {("web", REQUESTS): ONE, ("lab", OUTSIDE): ONE},
    "one_key": {("ops", REQUESTS): ONE, ("lab", OUTSIDE): ONE},
    "own_owner": {("web", REQUESTS): ONE, ("lab", OUTSIDE): ONE},
    "nobody": {("lab", OUTSIDE): ONE, ("web", OUTSIDE): ONE},
    "two_owned": {("lab", OUTSIDE): ONE, ("web", OUTSIDE): ONE},
    "answered": {("lab", OUTSIDE): ONE, ("web", OUTSIDE): ONE},
    "glob": {("ops", REQUESTS): ONE, ("web", OUTSIDE): ONE},
    "list": {("ops", REQUESTS): 2 * ONE},
    "other_deployment": {("ops", REQUESTS): ONE, ("web", OUTSIDE): ONE},
    "environment": {("ops", REQUESTS): ONE, ("web", OUTSIDE): ONE},
    "case": {("ops", REQUESTS): ONE, ("lab", OUTSIDE): ONE},
    "alias": {("web", REQUESTS): ONE, ("lab", OUTSIDE): ONE},
    "feature": {("web", OUTSIDE): 2 * ONE},
    "rule": {("ruled", REQUESTS): ONE, ("lab", OUTSIDE): ONE},
    "free_first": {("ops", REQUESTS): ONE, ("lab", "unlogged_usage"): ONE},
    "own_first": {("web", REQUESTS): ONE, ("lab", "unlogged_usage"): ONE},
    "from_the_15th": {("ops", REQUESTS): ONE, ("lab", OUTSIDE): ONE},
    "until_noon": {("lab", OUTSIDE): ONE},
    "known_project": {("ops", REQUESTS): 2 * ONE},
    "known_project_owned_key": {("ops", REQUESTS): ONE, ("lab", OUTSIDE): ONE},
    "unknown_project": {("lab", OUTSIDE): ONE},
    "said_project": {("ops", REQUESTS): ONE},
    "money_alone": {("lab", OUTSIDE): Decimal("2.50")},
    "money_allowed": {("ops", REQUESTS): Decimal("2.50")},
    "neighbour": {("lab", OUTSIDE): ONE},
    "shift": {("lab", OUTSIDE): ONE},
    "refund": {("lab", OUTSIDE): ONE / 2},
    "bridged": {("web", REQUESTS): Decimal("1.119"), ("lab", OUTSIDE): 3 * ONE},
    "pair": {("ops", REQUESTS): ONE, ("web", OUTSIDE): ONE},
}
WEB_KEY, LAB_KEY, BOTH_KEYS = "key_web", "key_lab", "key_lab, key_web"
# gateway: keys, dollars, and whether the run asks
WITHHELD = {
    "nobody": (BOTH_KEYS, 2 * ONE, True),
    "two_owned": (BOTH_KEYS, 2 * ONE, True),
    "own_owner": (LAB_KEY, ONE, True),
    "answered": (BOTH_KEYS, 2 * ONE, False),
    "glob": (WEB_KEY, ONE, False),
    "environment": (WEB_KEY, ONE, True),
    "from_the_15th": (LAB_KEY, ONE, True),
    "until_noon": (LAB_KEY, ONE, True),
    "feature": (BOTH_KEYS, ONE, True),
    "known_project_owned_key": (LAB_KEY, ONE, True),
    "unknown_project": ("p", ONE, True),
    "money_alone": (LAB_KEY, Decimal("2.50"), True),
    "neighbour": (LAB_KEY, ONE, True),
    "shift": (LAB_KEY, ONE, True),
    "refund": (LAB_KEY, ONE, True),
    "bridged": ("apikey_a", Decimal("1.881"), True),
    "pair_b": (WEB_KEY, ONE, True),
}
CSVS = {
    "aliases": "dimension,raw,value\nteam,Website,web\n",
    "teams": "team_id,team_name\nweb,Web\nlab,Lab\nops,Ops\nruled,Ruled\n",
    "attribution_rules": "priority,match,set_team\n1,user=bot-*,ruled\n",
}


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    return build(project, tmp_path_factory.mktemp("keyless"), CASES, **CSVS)


@pytest.mark.parametrize("case", RIGHT)
def test_a_keyless_log_takes_what_no_other_owner_has(company: Company, case: str) -> None:
    assert split(company, case) == RIGHT[case]


def test_a_month_is_incomplete_where_a_silent_entry_withholds_more_than_a_hundredth(
    company: Company,
) -> None:
    """What is answered, by `none`, a list or deployments.csv, asks for nothing more."""
    rows = company.query(
        "select gateway, withheld_keys, sum(withheld_cost), bool_or(is_incomplete)"
        " from main.mart_keyless_usage_monthly where withheld_cost <> 0 group by all order by all"
    )
    assert {gateway: (keys, cost, asked) for gateway, keys, cost, asked in rows} == WITHHELD
    [(reason,)] = company.query(
        "select what from main.mart_month_completeness"
        " where gateway = 'two_owned' and reason = 'keys_of_others' and is_incomplete"
    )
    assert "write `credential: [key_lab, key_web]` into its entry" in reason
    statuses = company.query("select distinct status from main.mart_chargeback_monthly")
    assert statuses == [("incomplete",)]
