"""Tags wherever callers put them, in whatever shape: one team, and the same one every time."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.workspace.attribution import DEFAULT_PLACES
from orchestration.checks.unread_places import unread_places, unread_text
from tests.field.litellm_calls import logged, rows
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, costs, line, write_company

SETTINGS = """\
company: Tags
timezone: Europe/Berlin
gateways:
  - {name: gw, format: litellm, location: logs}
bills:
  - {name: openai, format: openai, account: org-x, location: bills}
"""
NO_BILLS = SETTINGS.partition("bills:")[0]
TAGS = ["team:search", "feature:rank"]
PAIRS = [{"key": "team", "value": "search"}, {"name": "Feature", "value": "rank"}]
MAP = {"team": "search", "feature": "rank"}

# where the tags stand, and in which shape
PLACES: dict[str, dict[str, Any]] = {
    "request_tags": {"request_tags": TAGS},
    "request_tags_as_json": {"request_tags": json.dumps(TAGS)},
    "request_tags_as_text": {"request_tags": "team:search, feature=rank"},
    "request_tags_as_pairs": {"request_tags": PAIRS},
    "requester": {"metadata": {"requester_metadata": {"tags": TAGS}}},
    "requester_as_map": {"metadata": {"requester_metadata": {"tags": MAP}}},
    "requester_as_text": {"metadata": {"requester_metadata": {"tags": "team:search,feature:rank"}}},
    "requester_is_json": {"metadata": {"requester_metadata": json.dumps({"tags": PAIRS})}},
    "requester_labels": {"metadata": {"requester_metadata": {"app": {"labels": TAGS}}}},
    "metadata_tags": {"metadata": {"tags": TAGS}},
    "spend_logs": {"metadata": {"spend_logs_metadata": {"tags": TAGS}}},
    "spend_logs_of_requester": {
        "metadata": {"requester_metadata": {"spend_logs_metadata": {"tags": TAGS}}}
    },
    "header": {"metadata": {"requester_custom_headers": {"X-LiteLLM-Tags": ",".join(TAGS)}}},
    "header_of_requester": {
        "metadata": {"requester_metadata": {"headers": {"x-litellm-tags": ",".join(TAGS)}}}
    },
    "header_of_spend_logs": {
        "metadata": {
            "requester_custom_headers": {"x-litellm-spend-logs-metadata": json.dumps({"tags": MAP})}
        }
    },
    "body": {"proxy_server_request": {"url": "/v1", "body": {"metadata": {"tags": TAGS}}}},
    "body_litellm_metadata": {
        "metadata": {"proxy_server_request": {"body": {"litellm_metadata": {"tags": TAGS}}}}
    },
    "body_tags": {"proxy_server_request": json.dumps({"model": "m", "tags": TAGS})},
    "key": {"metadata": {"user_api_key_auth_metadata": {"tags": TAGS}}},
    "key_of_older_releases": {"metadata": {"user_api_key_metadata": {"tags": MAP}}},
    "team": {"metadata": {"user_api_key_team_metadata": {"tags": TAGS}}},
    "plain_metadata": {"metadata": {"requester_metadata": MAP}},
    "lists_in_metadata": {
        "metadata": {"requester_metadata": {"team": ["search"], "feature": ["rank"]}}
    },
}


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A call for each place, a thousand tokens each."""
    records = [logged(name, **fields) for name, fields in PLACES.items()]
    tokens = 1000 * len(records)
    files = {
        "logs/a.jsonl": "\n".join(map(json.dumps, records)),
        "bills/c.json": costs(
            line("2026-10-08", "gpt-4o-2024-08-06, input", str(len(records)), tokens, "key_a")
        ),
        "reference/deployments.csv": (
            "gateway,deployment_id,provider,billing_account,sub_account,provider_credential_id\n"
            "gw,dep-1,openai,org-x,p,key_a\n"
        ),
    }
    folder: Path = tmp_path_factory.mktemp("tags")
    return Company(project, write_company(folder, files, SETTINGS))


def test_every_place_and_shape_is_read(company: Company) -> None:
    found = company.query("select request_id, team, feature from fct_requests order by request_id")
    assert found == [(name, "search", "rank") for name in sorted(PLACES)]
    assert company.by("team") == {"search": Decimal(len(PLACES))}


def test_tags_of_the_responses_api_stand_in_the_metadata_of_the_requester() -> None:
    """field/04: search 1.00, ads 1.50 of a bill of 2.50."""
    search, ads = rows(
        logged("resp_1", metadata={"requester_metadata": {"tags": TAGS}}),
        logged(
            "resp_2",
            metadata={
                "requester_metadata": {"tags": ["team:ads", "feature:copy"], "feature": "copy"}
            },
        ),
    )
    assert json.loads(search["attributes"])["tags"] == MAP
    assert json.loads(ads["attributes"])["tags"] == {"team": "ads", "feature": "copy"}


def said(**fields: Any) -> dict[str, Any]:
    (row,) = rows(logged("one", **fields))
    return json.loads(row["attributes"])


@pytest.mark.parametrize(
    ("winner", "metadata"),
    [
        ("requester", {}),
        ("spend_logs", {"requester_metadata": None}),
        ("header", {"requester_metadata": None, "spend_logs_metadata": None}),
        (
            "key",
            {
                "requester_metadata": None,
                "spend_logs_metadata": None,
                "requester_custom_headers": None,
            },
        ),
    ],
)
def test_of_places_that_name_one_key_the_first_wins(winner: str, metadata: dict[str, Any]) -> None:
    places = {
        "requester_metadata": {"tags": ["team:requester"]},
        "spend_logs_metadata": {"tags": ["team:spend_logs"]},
        "requester_custom_headers": {"x-litellm-tags": "team:header"},
        "user_api_key_auth_metadata": {"tags": ["team:key"]},
        "user_api_key_team_metadata": {"tags": ["team:team"]},
    }
    assert said(metadata=places | metadata)["tags"] == {"team": winner}
    assert said(request_tags=["team:first"], metadata=places)["tags"] == {"team": "first"}


def test_an_empty_word_says_nothing_and_the_next_place_does() -> None:
    found = said(
        request_tags=["team:", "feature: ", "team=search"],
        metadata={
            "requester_metadata": {"tags": {"feature": ""}, "tier": " "},
            "spend_logs_metadata": {"tags": ["feature:rank"], "tier": "pro"},
        },
    )
    assert found["tags"] == MAP
    assert found["metadata"]["tier"] == "pro"


@pytest.mark.parametrize(
    "odd", [7, True, [[1]], {"a": {"b": 1}}, "{", "[" * 5000, [None], {"": "x"}, "\ud800"]
)
def test_what_is_no_tag_costs_no_record(odd: Any) -> None:
    places = {"requester_metadata": {"tags": odd}, "tags": odd}
    fields = {"request_tags": odd, "metadata": places, "proxy_server_request": odd}
    (row,) = rows(logged("odd", **fields))
    assert row["request_id"] == "odd"


def test_keys_with_a_separator_and_values_that_are_no_texts() -> None:
    found = said(request_tags={"app:team": "x", "debug": True, "seats": 3, "teams": ["a", "b"]})
    assert found["tags"] == {"app:team": "x", "debug": "true", "seats": "3", "teams": "a"}


def test_litellms_own_tags_and_labels_name_nobody() -> None:
    found = said(
        request_tags=["User-Agent: curl", "Credential: x", "vip", "vip"],
        metadata={"requester_metadata": {"tags": ["vip", "beta"]}},
    )
    assert (found["labels"], found.get("tags")) == (["vip", "beta"], None)


def other_places() -> dict[str, dict[str, Any]]:
    """Calls whose owner stands where no default place looks."""
    return {
        "tier": {"metadata": {"requester_metadata": {"app": {"user_tier": "pro"}}}},
        "header": {"metadata": {"requester_custom_headers": {"X-Acme-Team": "search"}}},
        "camel": {"metadata": {"spend_logs_metadata": {"customerTier": "pro gold"}}},
        "tag": {"request_tags": ["team_id:t-1", "service_tier:flex", "steam:x", "team:search"]},
        "again": {"request_tags": ["team_id:t-2"]},
    }


@pytest.fixture(scope="module")
def unread(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    records = [logged(name, **fields) for name, fields in other_places().items()]
    files = {"logs/a.jsonl": "\n".join(map(json.dumps, records))}
    folder: Path = tmp_path_factory.mktemp("unread")
    return Company(project, write_company(folder, files, NO_BILLS))


def test_places_that_carry_an_owners_name_and_are_not_read_are_told(unread: Company) -> None:
    found = [
        ("team", "tag:team_id", 2, "0.002"),
        ("tier", "metadata:app.user_tier", 1, "0.001"),
        ("tier", "metadata:customertier", 1, "0.001"),
        ("team", "header:x-acme-team", 1, "0.001"),
    ]
    landed = unread_places(unread.connection, DEFAULT_PLACES)
    assert sorted((p.dimension, p.place, p.requests, str(p.cost)[:5]) for p in landed) == sorted(
        found
    )
    text = unread_text(landed, DEFAULT_PLACES, "USD")
    assert (
        "  team: [tag:team, metadata:team, tag:team_id, header:x-acme-team, gateway_team, rule,"
        " credential]\n  tier: [tag:tier, metadata:tier, metadata:customer_tier,"
        " metadata:app.user_tier, metadata:customertier, customer:tier, rule]\n"
    ) in text


def test_a_place_that_tollbook_yaml_reads_is_not_told(unread: Company) -> None:
    places = dict(DEFAULT_PLACES) | {
        "team": ("tag:team", "tag:Team_ID", "header:X-Acme-Team"),
        "tier": ("metadata:app.user_tier", "metadata:customerTier"),
    }
    assert unread_places(unread.connection, places) == []
    assert unread_text([], places, "USD") == ""
