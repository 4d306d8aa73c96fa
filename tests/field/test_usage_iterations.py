"""Inner calls of one request: each is billed at its own model's price, and lands as its own row."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.records import Row
from ingestion.vocabulary import TOKEN_METERS
from tests.field.litellm_calls import logged, read, rows
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, write_company

OPUS, SONNET = "claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929"
MESSAGE = {"type": "message", "input_tokens": 23000, "output_tokens": 1000}
COMPACTION = {"type": "compaction", "input_tokens": 180000, "output_tokens": 3500}
ADVISOR = {
    "type": "advisor_message",
    "model": OPUS,
    "input_tokens": 800,
    "output_tokens": 200,
    "cache_read_input_tokens": 4000,
    "cache_creation_input_tokens": 0,
}
WRITING = {
    "type": "message",
    "input_tokens": 500,
    "output_tokens": 10,
    "cache_creation_input_tokens": 300,
    "cache_read_input_tokens": 0,
    "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
}


def call(name: str, prompt: int, completion: int, *iterations: Any, **fields: Any) -> Any:
    """`prompt` as LiteLLM writes it, with cache reads and writes within."""
    details = fields.pop("details", None)
    usage = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        **({"prompt_tokens_details": details} if details else {}),
        "iterations": list(iterations),
    }
    named = {"custom_llm_provider": "anthropic", "call_type": "anthropic_messages"}
    models = {"model": f"anthropic/{SONNET}", "model_group": "agent"}
    return logged(name, counted=usage, **named, **models, **fields)


def meters(row: Row) -> dict[str, int]:
    found = {meter: row[f"{meter}_quantity"] for meter in TOKEN_METERS}
    assert row["provider_total_tokens"] == sum(found.values())
    return {meter: count for meter, count in found.items() if count}


CASES: dict[str, tuple[Any, list[tuple[str, str | None, dict[str, int]]]]] = {
    "compaction": (
        call("r", 23000, 1000, COMPACTION, MESSAGE),
        [
            ("r", None, {"input": 23000, "output": 1000}),
            ("r#1", None, {"input": 180000, "output": 3500}),
        ],
    ),
    "compaction_that_the_usage_already_counts": (
        call("r", 203000, 4500, COMPACTION, MESSAGE),
        [
            ("r", None, {"input": 23000, "output": 1000}),
            ("r#1", None, {"input": 180000, "output": 3500}),
        ],
    ),
    "an_advisor_between_two_samplings": (
        call("r", 23800, 1010, WRITING, ADVISOR, MESSAGE, details={"cache_creation_tokens": 300}),
        [
            ("r", None, {"input": 23000, "output": 1000}),
            (
                "r#1",
                None,
                {"input": 500, "cache_write_5m": 100, "cache_write_1h": 200, "output": 10},
            ),
            ("r#2", OPUS, {"input": 800, "cache_read": 4000, "output": 200}),
        ],
    ),
    "a_fallback_served": (
        call(
            *("r", 23000, 1000),
            {"type": "message", "model": SONNET, "input_tokens": 22000, "output_tokens": 5},
            {**MESSAGE, "type": "fallback_message", "model": OPUS},
        ),
        [
            ("r", OPUS, {"input": 23000, "output": 1000}),
            ("r#1", SONNET, {"input": 22000, "output": 5}),
        ],
    ),
    "an_advisor_alone": (
        call("r", 23000, 1000, ADVISOR),
        [
            ("r", None, {"input": 23000, "output": 1000}),
            ("r#1", OPUS, {"input": 800, "cache_read": 4000, "output": 200}),
        ],
    ),
    "one_sampling": (
        call("r", 23000, 1000, MESSAGE),
        [("r", None, {"input": 23000, "output": 1000})],
    ),
    "samplings_that_do_not_make_the_usage_have_one_price": (
        call("r", 30000, 2000, MESSAGE, MESSAGE),
        [("r", None, {"input": 30000, "output": 2000})],
    ),
    "none": (call("r", 23000, 1000), [("r", None, {"input": 23000, "output": 1000})]),
}


@pytest.mark.parametrize("name", CASES)
def test_each_call_is_a_row_with_its_model_and_its_meters(name: str) -> None:
    record, expected = CASES[name]
    found = rows(record)
    assert [(r["request_id"], r["model_served"], meters(r)) for r in found] == expected
    assert {(row["call_id"], row["record_no"], row["started_at"]) for row in found} == {
        ("call-r", 0, found[0]["started_at"])
    }
    assert len({row["request_key"] for row in found}) == len(found)
    assert len({row["content_hash"] for row in found}) == len(found)
    assert [row["gateway_cost"] is not None for row in found] == [True] + [False] * len(
        expected[1:]
    )


def test_rows_say_what_they_were_and_keep_the_whole_usage() -> None:
    found = rows(call("r", 23000, 1000, COMPACTION, ADVISOR, MESSAGE))
    assert [(row["operation"], row["attempt_role"]) for row in found] == [
        ("chat", "primary"),
        ("compaction", "primary"),
        ("advisor", "escalation"),
    ]
    assert json.loads(found[0]["raw_usage"])["iterations"] == [COMPACTION, ADVISOR, MESSAGE]
    assert json.loads(found[2]["raw_usage"]) == ADVISOR


@pytest.mark.parametrize(
    ("record", "field", "reason"),
    [
        (
            call("r", 24000, 1000, COMPACTION, MESSAGE),
            "metadata.usage_object.iterations",
            "not the calls that its usage is the sum of (25000, they make 207500)",
        ),
        (
            call("r", 23000, 1000, COMPACTION, {**MESSAGE, "input_tokens": "many"}),
            "metadata.usage_object.iterations.1.input_tokens",
            None,
        ),
    ],
)
def test_calls_that_contradict_their_usage_are_told_with_both_numbers(
    record: Any, field: str, reason: str | None
) -> None:
    (reject,) = read(record).rejects
    assert reject.field == field
    assert reason is None or reject.reason == reason


def test_an_answer_from_the_gateways_cache_has_no_calls() -> None:
    (row,) = rows(call("r", 23000, 1000, COMPACTION, MESSAGE, cache_hit=True))
    assert meters(row) == {}


SETTINGS = """\
company: Agents
gateways:
  - {name: gw, format: litellm, location: logs}
bills:
  - {name: anthropic, format: anthropic, account: org-a, location: bills}
"""


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """An advisor and a compaction of one team, billed by model."""
    record = call("r", 23000, 1000, COMPACTION, ADVISOR, MESSAGE, request_tags=["team:agents"])
    files = {
        "logs/a.json": json.dumps(record),
        "bills/cost.json": json.dumps(
            page(
                cost(SONNET, "uncached_input_tokens", "60.9"),
                cost(SONNET, "output_tokens", "6.75"),
                cost(OPUS, "uncached_input_tokens", "0.4"),
                cost(OPUS, "cache_read_input_tokens", "0.2"),
                cost(OPUS, "output_tokens", "0.5"),
            )
        ),
        "bills/usage.json": json.dumps(
            page(used(SONNET, 203000, 0, 4500), used(OPUS, 800, 4000, 200))
        ),
    }
    folder: Path = tmp_path_factory.mktemp("agents")
    return Company(project, write_company(folder, files, SETTINGS))


def page(*results: dict[str, Any]) -> dict[str, Any]:
    bucket = {"starting_at": "2026-10-08T00:00:00Z", "ending_at": "2026-10-09T00:00:00Z"}
    return {"data": [{**bucket, "results": list(results)}], "has_more": False, "next_page": None}


def cost(model: str, kind: str, cents: str) -> dict[str, Any]:
    return {
        "amount": cents,
        "currency": "USD",
        "cost_type": "tokens",
        "model": model,
        "token_type": kind,
        "service_tier": "standard",
        "context_window": "0-200k",
        "description": f"{model} {kind}",
        "workspace_id": None,
        "inference_geo": "global",
    }


def used(model: str, fresh: int, cached: int, output: int) -> dict[str, Any]:
    return {
        "uncached_input_tokens": fresh,
        "cache_read_input_tokens": cached,
        "output_tokens": output,
        "model": model,
        "service_tier": "standard",
        "context_window": "0-200k",
        "workspace_id": None,
        "api_key_id": None,
        "cache_creation": {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 0},
        "server_tool_use": {"web_search_requests": 0},
        "inference_geo": "global",
    }


def test_every_call_takes_the_money_of_its_model(company: Company) -> None:
    """Trap 19: a fallback at the provider bills each call at its own model."""
    found = company.query(
        "select team, model, sum(billed_cost) from fct_cost_allocations group by all order by all"
    )
    assert found == [
        ("agents", "claude-opus-4-5", Decimal("0.011")),
        ("agents", "claude-sonnet-4-5", Decimal("0.6765")),
    ]
    counted = "select records_read, records_landed, records_duplicate from mart_data_quality_daily"
    assert company.query(counted + " where source = 'gw'") == [(1, 1, 0)]
    assert company.value("select count(*) from fct_requests where list_cost is not null") == 3
