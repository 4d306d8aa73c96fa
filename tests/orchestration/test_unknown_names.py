"""Which names count as known: literal, glob, other spelling, of the right source, at their time."""

from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.globs import glob_pattern
from orchestration.onboarding.names_seen import SeenName, names_seen
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, costs, line, log, write_company

COLUMNS = (
    "{gateway_key_id: key_id, gateway_key_alias: key, gateway_team: team_uuid,"
    " gateway_team_alias: team_alias, customer_id: customer, deployment_id: deployment,"
    " gateway_cost: cost_usd}"
)
SETTINGS = f"""\
company: Acme
timezone: Europe/Berlin
gateways:
  - {{name: prod, format: generic, location: logs/prod, columns: {COLUMNS}}}
  - {{name: other, format: generic, location: logs/other, columns: {COLUMNS}}}
bills:
  - {{name: openai, format: openai, account: org-o, location: openai}}
"""
CSVS = {
    "credentials": "source,credential_id,team_id,valid_from\nprod,hr-*,hr,\n"
    "prod,later,hr,2026-10-06\nprod,ownerless,,\nprod,ops-key,ops,\nopenai,key-hr,hr,\n",
    "teams": "team_id,team_name\nhr,People\n",
    "aliases": "dimension,raw,value\nteam,HR Dept,hr\nteam,Ops Dept,ops\n",
    "customers": "customer_id,tier\nacme-*,pro\n",
    "deployments": "gateway,deployment_id,region\nprod,eu-?,eu\nprod,us-*,us\n",
    "capacity": "pool,supply,monthly_cost,capacity,capacity_unit,owner,deployments\n"
    "h100,self_hosted,1,1,tokens,,gpu-*; gpu[1]\n",
}
KNOWN = [
    {"key_id": "88dc28", "key": "hr-bot"},
    {"key_id": "hr-1", "key": "bot"},
    {"key": "ownerless"},
    {"key": "later", "timestamp": "2026-10-06T10:00:00Z"},
    {"team_uuid": "hr"},
    {"team_alias": "HR Dept"},
    # without regard to case, and by their name, as a run folds them
    {"team_alias": "Hr"},
    {"team_uuid": "uuid-1", "team_alias": "PEOPLE"},
    {"customer": "acme-1"},
    {"deployment": "eu-?"},
    {"deployment": "us-1"},
    {"deployment": "gpu-1"},
    {"deployment": "gpu[1]"},
]
UNKNOWN = [
    {"key_id": "88dc28"},
    {"key": "HR-bot"},
    {"key": "later"},
    {"team_alias": "sales"},
    # of credentials.csv, and of no line of teams.csv
    {"team_alias": "ops"},
    {"team_alias": "Ops Dept"},
    {"customer": "acme"},
    {"deployment": "eu-1"},
    {"deployment": "gpu1"},
]


def calls(cases: list[dict[str, str]], cost: str) -> list[dict[str, object]]:
    at, model = "2026-10-05T10:00:00Z", "gpt-4o-2024-08-06"
    return [call(at, model, 10, provider="openai", cost_usd=cost) | case for case in cases]


@pytest.fixture(scope="module")
def seen(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> list[SeenName]:
    bill = [
        line("2026-10-05", "gpt-4o-2024-08-06, input", cost, 10, key)
        for cost, key in (("1", "key-hr"), ("2", "key-x"), ("4", None))
    ]
    files = {
        "logs/prod/a.jsonl": log([*calls(KNOWN, "1"), *calls(UNKNOWN, "0.5")]),
        "logs/other/a.jsonl": log(calls([{"key": "hr-bot"}, {"deployment": "us-1"}], "0.25")),
        "openai/costs.json": costs(*bill).replace('"project_id":"p"', '"project_id":null'),
        **{f"reference/{name}.csv": text for name, text in CSVS.items()},
    }
    folder: Path = tmp_path_factory.mktemp("names")
    company = Company(project, write_company(folder, files, SETTINGS))
    return names_seen(company.connection)


def named(seen: list[SeenName], *, known: bool) -> set[tuple[str, str, tuple[str, ...]]]:
    return {(name.kind, name.source, name.names) for name in seen if name.is_known is known}


def spelt(case: dict[str, str]) -> tuple[str, str, tuple[str, ...]]:
    kinds = {"key": "credential", "team": "team", "customer": "customer"}
    words = {key: text for key, text in case.items() if key != "timestamp"}
    kind = kinds.get(next(iter(words)).partition("_")[0], "deployment")
    # an alias stands before an id
    names = tuple(words[key] for key in sorted(words, key=lambda key: key.endswith(("id",))))
    return kind, "" if kind == "customer" else "prod", names


def test_a_name_is_known_by_any_of_its_spellings_at_its_time(seen: list[SeenName]) -> None:
    bill = ("credential", "openai")
    assert named(seen, known=True) == {*map(spelt, KNOWN), (*bill, ("key-hr",))}
    assert named(seen, known=False) == {
        *map(spelt, UNKNOWN),
        ("credential", "other", ("hr-bot",)),
        ("deployment", "other", ("us-1",)),
        (*bill, ("key-x",)),
    }


def test_dollars_are_the_gateways_claim_and_what_a_bill_charged(seen: list[SeenName]) -> None:
    unknown = [name for name in seen if not name.is_known]
    assert {name.cost for name in unknown if name.source == "prod"} == {Decimal("0.5")}
    assert [
        (name.requests, name.cost, name.currency) for name in unknown if name.source == "openai"
    ] == [(0, Decimal(2), "USD")]
    later = [name for name in seen if name.names == ("later",)]
    assert {(name.is_known, name.requests, name.cost) for name in later} == {
        (True, 1, Decimal(1)),
        (False, 1, Decimal("0.5")),
    }


def test_a_glob_has_one_wildcard_and_no_other() -> None:
    assert glob_pattern("a*[x]?").fullmatch("a--[x]?")
    assert not glob_pattern("a*[x]?").fullmatch("a--[x]1")
    assert not glob_pattern("a*[x]?").fullmatch("a--x?")
    assert not glob_pattern("hr").fullmatch("hr-1")
