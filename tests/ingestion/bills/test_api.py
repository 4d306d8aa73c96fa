"""Live pulls: what is asked, and what is saved."""

import json
from datetime import UTC, datetime

from ingestion.bills.anthropic import reader as anthropic
from ingestion.bills.openai import reader as openai
from tests.ingestion.bills.bill_pages import anthropic_bucket, bill, page, rows
from tests.ingestion.bills.cost_api import (
    KEY,
    Answer,
    Api,
    Pulled,
    Query,
    error,
    openai_pages,
)


def test_openai_pages_are_kept_verbatim_and_read_back(api: Api, pulled: Pulled) -> None:
    api.respond = openai_pages
    source = bill("openai", f"{api.url}/v1")
    objects = pulled.run(source)
    folder = "pull-20261105T031500000000Z"
    assert list(objects) == [
        f"{folder}/costs-0001.json",
        f"{folder}/costs-0002.json",
        f"{folder}/pull.json",
        f"{folder}/usage_completions-0001.json",
    ]
    assert objects[f"{folder}/costs-0002.json"] == openai_pages("", [("page", "page_next")])[1]
    marker = json.loads(objects[f"{folder}/pull.json"])
    assert (marker["pulled_at"], marker["complete"]) == ("2026-11-05T03:15:00.000000Z", True)
    parsed = dict(openai.read_bill(objects, source))
    assert sum(row["billed_cost_in_billing_currency"] * 10 for row in rows(parsed, "charges")) == 6
    buckets = rows(parsed, "bill_buckets")
    assert sorted((row["report"], row["row_count"]) for row in buckets) == [
        ("costs", 0), *[("costs", 1)] * 3, *[("usage_completions", 0)] * 4
    ]  # fmt: skip
    assert {row["grouping"] for row in buckets if row["report"] == "costs"} == {
        "api_key_id,line_item,project_id,user_id"
    }


def test_openai_is_asked_with_bare_repeated_parameters(api: Api, pulled: Pulled) -> None:
    """Trap 32: `group_by=` for OpenAI."""
    api.respond = openai_pages
    pulled.run(bill("openai", api.url))
    path, query, headers = api.asked[0]
    assert path == "/v1/organization/costs"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert [value for name, value in query if name == "group_by"] == [
        "project_id",
        "user_id",
        "api_key_id",
        "line_item",
    ]
    assert {("start_time", "1790812800"), ("end_time", "1791158400")} <= set(query)
    assert {("bucket_width", "1d"), ("limit", "180")} <= set(query)
    assert ("limit", "31") in api.asked[-1][1]


def anthropic_pages(path: str, query: Query) -> Answer:
    """Of an organisation that has only the legacy reports."""
    if "/analytics/" in path:
        return 404, error("no such report")
    return 200, page(*(anthropic_bucket(day) for day in range(1, 5)))


def test_anthropic_is_asked_with_bracketed_parameters(api: Api, pulled: Pulled) -> None:
    """Trap 32: `group_by[]=` for Anthropic."""
    api.respond = anthropic_pages
    source = bill("anthropic", api.url)
    objects = pulled.run(source)
    asked = [each for each in api.asked if "/analytics/" not in each[0]]
    (cost_path, cost_query, headers), (usage_path, _, _) = asked
    assert cost_path == "/v1/organizations/cost_report"
    assert usage_path == "/v1/organizations/usage_report/messages"
    assert (headers["x-api-key"], headers["anthropic-version"]) == (KEY, "2023-06-01")
    assert ("starting_at", "2026-10-01T00:00:00Z") in cost_query
    assert ("ending_at", "2026-10-05T00:00:00Z") in cost_query
    assert [value for name, value in cost_query if name == "group_by[]"] == [
        "workspace_id",
        "description",
        "inference_geo",
        "speed",
    ]
    # Both reports are one and the same empty page: only the pull knows that it answers two.
    buckets = rows(dict(anthropic.read_bill(objects, source)), "bill_buckets")
    assert {row["report"] for row in buckets} == {"cost_report", "usage_messages"}
    assert {(row["report"], row["bucket_start"]) for row in buckets} == {
        (report, datetime(2026, 10, day, tzinfo=UTC))
        for report in ("cost_report", "usage_messages")
        for day in range(1, 5)
    }


def test_a_refused_grouping_is_followed_by_the_next(api: Api, pulled: Pulled) -> None:
    """Trap 23: a provider may refuse a grouping that it knew before."""

    def respond(path: str, query: Query) -> Answer:
        if ("group_by", "user_id") in query:
            return 400, error("user_id cannot be combined with project_id")
        return openai_pages(path, query)

    api.respond = respond
    objects = pulled.run(bill("openai", api.url))
    (marker,) = (json.loads(data) for name, data in objects.items() if name.endswith("pull.json"))
    assert [report["group_by"] for report in marker["reports"]] == [
        ["api_key_id", "line_item", "project_id"],
        ["api_key_id", "batch", "model", "project_id"],
    ]
