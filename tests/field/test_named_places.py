"""What is named lands; what is named later is read again, or found by its hash where it is gone."""

import json
import shutil
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingestion.landing.key import NAME, landing_key
from ingestion.landing.landing import Landing, open_landing
from ingestion.landing.loading import load_gateway, warn_of_gone
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace.named_places import NamedPlaces, value_hmac
from ingestion.workspace.settings import WorkspaceError, load_workspace
from ingestion.workspace.sources import Gateway
from tests.field.litellm_calls import logged
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, write_company

SETTINGS = """\
company: Named
timezone: Europe/Berlin
gateways:
  - {name: gw, format: litellm, location: logs}
bills:
  - {name: openai, format: openai, account: org-x, location: bills}
"""
PAGE = '{"object":"page","data":[],"has_more":false,"next_page":null}'
RULES = "reference/attribution_rules.csv"


def ticketed(name: str, ticket: Any) -> str:
    metadata = {"requester_metadata": {"ticket": ticket, "note": "two words"}}
    return json.dumps(logged(name, metadata=metadata))


def rules(*lines: str) -> str:
    return "priority,match,set_feature,set_team\n" + "".join(f"{line}\n" for line in lines)


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Three objects of one call each; the first is gone when rules come to name its ticket."""
    files = {
        "logs/a.jsonl": ticketed("a", "T-7"),
        "logs/b.jsonl": ticketed("b", "t-8"),
        "logs/c.jsonl": ticketed("c", 9),
        "bills/c.json": PAGE,
    }
    built = Company(project, write_company(tmp_path_factory.mktemp("named"), files, SETTINGS))
    (built.folder / "logs" / "a.jsonl").rename(built.folder / "a.jsonl")
    return built


def owners(company: Company) -> list[tuple[str, str, str]]:
    return company.query("select request_id, feature, team from fct_requests order by request_id")


def test_a_value_that_nobody_named_lands_as_a_hash(company: Company) -> None:
    text = company.value("select unnamed_attributes from landing.requests where request_id = 'a'")
    key = landing_key(open_storage(str(company.folder / "landing")))
    assert json.loads(text)["metadata:ticket"] == value_hmac(key, "T-7") != value_hmac(b"x", "T-7")
    # of a text the path alone
    assert json.loads(text)["metadata:note"] is None
    assert "T-7" not in str(company.query("select * from landing.requests"))
    file = company.folder / "landing" / NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_rule_written_later_finds_the_object_that_is_gone_by_literal_value(
    company: Company,
) -> None:
    write_company(
        company.folder,
        {RULES: rules("1,metadata:ticket=t-7,seven,", "1,metadata:ticket=T-8,eight,")},
        SETTINGS,
    )
    company.build()
    assert owners(company) == [
        ("a", "seven", "__unallocated__"),
        ("b", "eight", "__unallocated__"),
        ("c", "__unallocated__", "__unallocated__"),
    ]
    clear = dict(company.query("select request_id, attributes from fct_requests"))
    assert (clear["a"], json.loads(clear["b"])["metadata"]) == ("{}", {"ticket": "t-8"})
    [gateway] = load_workspace(company.folder).gateways
    assert warn_of_gone(gateway, open_landing(str(company.folder / "landing"))) == []


def test_a_glob_needs_the_value_and_what_is_gone_is_told(company: Company) -> None:
    write_company(
        company.folder,
        {RULES: rules("1,metadata:ticket=t-*,,tickets", "2,metadata:ticket=9,nine,")},
        SETTINGS,
    )
    company.build()
    assert owners(company) == [
        ("a", "__unallocated__", "__unallocated__"),
        ("b", "__unallocated__", "tickets"),
        ("c", "nine", "__unallocated__"),
    ]
    [gateway] = load_workspace(company.folder).gateways
    [told] = warn_of_gone(gateway, open_landing(str(company.folder / "landing")))
    assert told.startswith(
        "gw: 1 requests (2026-10-08; 0.00 claimed) do not say metadata:ticket, which is named now:"
        " their objects are gone"
    )


def test_a_landing_built_anew_has_another_key_and_the_same_results(company: Company) -> None:
    key = landing_key(open_storage(str(company.folder / "landing")))
    (company.folder / "a.jsonl").rename(company.folder / "logs" / "a.jsonl")
    company.build()
    before = company.query("select * from fct_requests order by all")
    assert owners(company)[0] == ("a", "__unallocated__", "tickets")
    shutil.rmtree(company.folder / "landing")
    company.build()
    assert landing_key(open_storage(str(company.folder / "landing"))) != key
    assert company.query("select * from fct_requests order by all") == before


@pytest.fixture
def gateway(tmp_path: Path) -> Gateway:
    write_company(tmp_path, {"logs/a.jsonl": ticketed("a", "T-7"), RULES: rules()}, SETTINGS)
    [only] = load_workspace(tmp_path).gateways
    return only


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return open_landing(str(tmp_path / "landing"))


def loaded(gateway: Gateway, landing: Landing) -> int:
    return load_gateway(gateway, landing).objects_new


@pytest.mark.parametrize(
    ("rule", "again"),
    [
        ("tag:project=apollo", 0),
        ("metadata:customer_tier=pro", 0),  # a default place
        ("key_alias=hr-*", 0),
        ("metadata:ticket=T-7", 1),
        ("header:x-team=*", 1),
    ],
)
def test_objects_are_read_again_where_a_rule_names_a_new_place_and_once(
    rule: str, again: int, gateway: Gateway, landing: Landing, tmp_path: Path
) -> None:
    assert loaded(gateway, landing) == 1
    write_company(tmp_path, {RULES: rules(f"1,{rule},f,")}, SETTINGS)
    assert (loaded(gateway, landing), loaded(gateway, landing)) == (again, 0)


def test_what_a_glob_of_attributes_lands_is_there_for_every_rule(
    gateway: Gateway, landing: Landing, tmp_path: Path
) -> None:
    write_company(tmp_path, {}, SETTINGS + "attributes: ['metadata:*', 'header:x-*']\n")
    [every] = load_workspace(tmp_path).gateways
    assert loaded(every, landing) == 1
    (tmp_path / RULES).write_text(rules("1,metadata:ticket=t-*,f,"))
    assert loaded(every, landing) == 0
    # a name of a prompt is landed by none
    assert every.named.covers("metadata:ticket")
    assert not every.named.covers("metadata:system_prompt")
    assert not every.named.covers("header:x-api-key")
    assert every.named.also({"metadata:system_prompt": False}).says("metadata:system_prompt")


def test_attributes_that_are_no_places_are_refused(tmp_path: Path) -> None:
    write_company(tmp_path, {}, SETTINGS + "attributes: ['metdata:x', 'header:', ticket]\n")
    with pytest.raises(WorkspaceError) as refused:
        load_workspace(tmp_path)
    told = str(refused.value)
    assert "`metdata:x`: write metadata:<path> or header:<name>" in told
    assert told.count("tollbook.yaml:7:") == 2


def test_a_key_that_is_none_is_told(gateway: Gateway, landing: Landing, tmp_path: Path) -> None:
    loaded(gateway, landing)
    (tmp_path / "landing" / NAME).write_text("not a key")
    with pytest.raises(SourceError, match="is no key of a landing: restore it, or remove it"):
        loaded(gateway, landing)
    (tmp_path / "landing" / NAME).unlink()
    assert loaded(gateway, landing) == 1


def test_named_places_never_show_the_key() -> None:
    assert "secret" not in repr(replace(NamedPlaces(), key=b"secret"))
