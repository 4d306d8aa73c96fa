"""Owners that differ in case alone are one, and a name that nothing else knows is told."""

import dataclasses
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.reference.files import ReferenceError, read_reference
from ingestion.workspace.settings import Workspace, load_workspace
from orchestration.onboarding.reference_names import unknown_references
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import SETTINGS, Company, call, costs, line, log, write_company

DAY = "2026-10-05"
BILLED = [("openai", "org-o")]
TEAMS = "team_id,team_name\nGrowth,Growth Team\n"
CREDENTIALS = """\
source,credential_id,team_id,feature,environment
openai,key_a,GROWTH,Search,Prod
openai,key_b,Lab,Chat,
"""
ALIASES = "dimension,raw,value\nfeature,img,Images\nfeature,images,Images\ntier,ent,Enterprise\n"
WITH_CUSTOMERS = SETTINGS.replace("user_id: who", "user_id: who\n      customer_id: customer")
SPELT = [
    {"team": "growth", "feature_tag": "search", "tier": "PRO", "env": "PROD"},
    {"team": "GROWTH", "feature_tag": "SEARCH", "tier": "pro", "env": "prod"},
    {"team": "growth team", "feature_tag": "Search", "tier": "Pro", "env": "Prod"},
    {"team": "LAB", "feature_tag": "CHAT", "tier": "ENT", "env": "Dev"},
    {"team": "Nobody", "feature_tag": "IMG", "tier": "Free", "env": "DEV"},
    {"team": "nobody", "feature_tag": "iMages", "tier": "fREE", "env": "dev"},
]


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    calls = [
        call(f"{DAY}T10:00:0{number}Z", "gpt-4o", 100, key="key", **owners)
        for number, owners in enumerate(SPELT)
    ]
    files = {
        "logs/a.jsonl": log(calls),
        "openai/costs.json": costs(line(DAY, "gpt-4o, input", "6.00", 600)),
        "reference/teams.csv": TEAMS,
        "reference/credentials.csv": CREDENTIALS,
        "reference/aliases.csv": ALIASES,
    }
    return Company(project, write_company(tmp_path_factory.mktemp("spellings"), files))


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        ("team", {"Growth": 3, "Lab": 1, "nobody": 2}),
        ("feature", {"Search": 3, "Chat": 1, "Images": 2}),
        ("tier", {"pro": 3, "enterprise": 1, "free": 2}),
        ("environment", {"Prod": 3, "dev": 3}),
    ],
)
def test_spellings_that_differ_in_case_alone_are_one_owner(
    company: Company, dimension: str, expected: dict[str, int]
) -> None:
    assert company.by(dimension) == {name: Decimal(dollars) for name, dollars in expected.items()}


def test_keys_and_users_are_told_apart_by_case(project: CompiledProject, tmp_path: Path) -> None:
    calls = [
        call(f"{DAY}T10:00:00Z", "gpt-4o", 100, key="Key", who="Ann"),
        call(f"{DAY}T10:00:01Z", "gpt-4o", 100, key="key", who="ann"),
    ]
    files = {
        "logs/a.jsonl": log(calls),
        "openai/costs.json": costs(line(DAY, "gpt-4o, input", "2.00", 200, None)),
    }
    company = Company(project, write_company(tmp_path, files))
    assert company.value("select count(distinct user_id) from fct_requests") == 2
    assert company.value("select count(distinct credential_id) from intermediate.int_cells") == 2


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("teams", "team_id\nhr\nHR\n", "teams.csv:3: team_id: `HR` is `hr` of line 2"),
        (
            "credentials",
            "source,credential_id,feature\nopenai,a,Search\nopenai,b,search\n",
            "credentials.csv:3: feature: `search` is `Search` of line 2",
        ),
        (
            "attribution_rules",
            "priority,match,set_team\n1,user=a,Lab\n2,user=b,LAB\n",
            "attribution_rules.csv:3: set_team: `LAB` is `Lab` of line 2",
        ),
        (
            "customers",
            "customer_id,tier\na,Pro\nb,pro\n",
            "customers.csv:3: tier: `pro` is `Pro` of line 2",
        ),
        (
            "aliases",
            "dimension,raw,value\nplan,y,Yearly\nplan,year,yearly\n",
            "aliases.csv:3: value: `yearly` is `Yearly` of line 2",
        ),
    ],
)
def test_two_spellings_in_one_csv_are_an_error(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    workspace = _workspace(tmp_path, {name: text})
    with pytest.raises(ReferenceError, match="differ in case alone") as error:
        read_reference(workspace)
    assert said in str(error.value)


def test_a_team_and_a_feature_of_one_name_may_be_spelt_apart(tmp_path: Path) -> None:
    text = "source,credential_id,team_id,feature\nopenai,a,Search,search\n"
    assert read_reference(_workspace(tmp_path, {"credentials": text}))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "credentials",
            "source,credential_id,team_id\nopenai,a,grwoth\n",
            "credentials.csv:2: team_id: `grwoth` is no team of teams.csv: did you mean `growth`?",
        ),
        (
            "attribution_rules",
            "priority,match,set_team\n1,user=a,unheard\n",
            "attribution_rules.csv:2: set_team: `unheard` is no team of teams.csv: add it there",
        ),
        (
            "aliases",
            "dimension,raw,value\nteam,x,Groth\n",
            "aliases.csv:2: value: `Groth` is no team of teams.csv: did you mean `growth`?",
        ),
        (
            "shared_costs",
            "priority,match,method,targets\n1,residual_cause=tax,fixed,team=labs:1\n",
            "shared_costs.csv:2: targets: `labs` is no team of teams.csv: add it there",
        ),
        (
            "invoices",
            "provider,billing_account,invoice_id,billing_month,amount,currency\n"
            "openai,org-oo,I,2026-10,1,USD\n",
            "invoices.csv:2: billing_account: no bill is of `org-oo` of openai: did you mean"
            " `org-o`?",
        ),
        (
            "deployments",
            "gateway,deployment_id\nproxi,a\n",
            "deployments.csv:2: gateway: `proxi` is no name in tollbook.yaml: did you mean"
            " `proxy`?",
        ),
        (
            "credentials",
            "source,credential_id,feature\nopenia,a,x\n",
            "credentials.csv:2: source: `openia` is no name in tollbook.yaml: did you mean"
            " `openai`?",
        ),
    ],
)
def test_a_name_that_nothing_else_knows_is_told(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    workspace = _workspace(tmp_path, {"teams": TEAMS, name: text})
    [sentence] = unknown_references(workspace, read_reference(workspace), BILLED)
    assert sentence.startswith(said)


def test_names_that_are_known_in_any_case_or_by_an_alias_are_not_told(tmp_path: Path) -> None:
    csvs = {
        "teams": TEAMS,
        "credentials": "source,credential_id,team_id\nopenai,a,GROWTH\nproxy,b,old\n",
        "aliases": "dimension,raw,value\nteam,old,Growth\n",
        "invoices": "provider,billing_account,invoice_id,billing_month,amount,currency\n"
        "openai,org-o,I,2026-10,1,USD\n",
    }
    workspace = _workspace(tmp_path, csvs)
    assert unknown_references(workspace, read_reference(workspace), BILLED) == []
    without_teams = dataclasses.replace(workspace, reference=str(tmp_path / "none"))
    assert unknown_references(without_teams, read_reference(without_teams), BILLED) == []


def _workspace(folder: Path, csvs: dict[str, str]) -> Workspace:
    files = {f"reference/{name}.csv": text for name, text in csvs.items()}
    return load_workspace(write_company(folder, files))


def test_a_proposal_names_no_owner_after_a_user_a_session_or_a_customer(
    project: CompiledProject, tmp_path: Path
) -> None:
    """A user, a session or a customer alone, and keys that are called as one of them."""
    calls = [
        call(f"{DAY}T10:{minute:02}:00Z", "gpt-4o", 100, **caller)
        for minute in range(12)
        for caller in (
            {"who": "ann"},
            {"session_id": f"s-{minute % 2}"},
            {"customer": "acme"},
            {"key": "bob", "who": "Bob"},
            {"key": "eve@acme.test"},
            {"key": "acme-key", "customer": "acme-key"},
            {"key": "svc-chat-prod", "who": "ann"},
        )
    ]
    files = {
        "logs/a.jsonl": log(calls),
        "openai/costs.json": costs(line(DAY, "gpt-4o, input", "84.00", 8400, None)),
    }
    company = Company(project, write_company(tmp_path, files, WITH_CUSTOMERS))
    proposed = company.query(
        "select distinct dimension, match, proposed_owner from mart_unallocated"
        " where proposed_owner is not null order by all"
    )
    assert proposed == [
        ("feature", "key_alias=svc-chat-prod", "svc-chat"),
        ("team", "key_alias=svc-chat-prod", "svc-chat"),
    ]
    [person] = company.query(
        "select evidence from mart_unallocated where dimension = 'team' and match = 'user=ann'"
    )
    assert person == ("its caller is a user or customer, whose owner only a rule can say",)
