"""Log objects look like LiteLLM's own and hold every attempt of truth."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from tests.simulation.conftest import Simulated

FIXTURES = Path(__file__).with_name("fixtures")
BATCH = re.compile(
    r"litellm/prod/\d{4}-\d\d-\d\d/\d\d/batch_\d\d-\d\d-\d\d_[0-9a-f]{32}\.jsonl\.zst"
)
SINGLE = re.compile(r"litellm/prod/\d{4}-\d\d-\d\d/time-\d\d-\d\d-\d\d-\d{6}_[\w.-]+\.json")
# What a client, its network and its proxy's budgets bring in, or not.
BY_THE_CLIENT = {
    "requester_metadata",
    "spend_logs_metadata",
    "model_parameters",
    "additional_headers",
    "cost_breakdown",
}


def records(folder: Path) -> list[dict[str, Any]]:
    found = []
    for file in sorted((folder / "logs" / "litellm").rglob("*")):
        if file.suffix == ".zst":
            lines = zstandard.decompress(file.read_bytes()).split(b"\n")
            found += [json.loads(line) for line in lines]
        elif file.is_file():
            found.append(json.loads(file.read_bytes()))
    return found


@pytest.fixture(scope="module")
def logged(company: Simulated) -> list[dict[str, Any]]:
    return records(company.folder)


def is_like(record: dict[str, Any], real: dict[str, Any]) -> bool:
    same = ("custom_llm_provider", "status", "stream", "cache_hit", "call_type")
    return all(record[name] == real[name] for name in same) and (
        record["model_parameters"].get("service_tier")
        == real["model_parameters"].get("service_tier")
    )


def keys_of(value: Any, path: str = "") -> set[str]:
    if not isinstance(value, dict):
        return set()
    found = set()
    for name, each in value.items():
        found.add(f"{path}/{name}")
        if name not in BY_THE_CLIENT:
            found |= keys_of(each, f"{path}/{name}")
    return found


@pytest.mark.parametrize(
    "name", ["openai", "openai_stream", "openai_cache_hit", "anthropic", "failure", "priority"]
)
def test_records_have_the_fields_of_a_real_object(logged: list[dict[str, Any]], name: str) -> None:
    real = json.loads((FIXTURES / f"litellm_{name}.json").read_text())
    like = [record for record in logged if is_like(record, real)]
    assert like
    for record in like:
        assert list(record) == list(real)
        assert keys_of(record) == keys_of(real)
        assert record["messages"] is None and not record["response"]


def test_every_attempt_is_logged_and_some_twice(
    company: Simulated, logged: list[dict[str, Any]]
) -> None:
    expected = dict(
        duckdb.sql(f"select request_id, 1 + delivered_twice::int from '{company.truth}'").fetchall()
    )
    assert len(expected) == company.summary.requests == 6000
    assert Counter(record["id"] for record in logged) == expected
    assert company.summary.faults["delivered_twice"] > 0


def test_records_carry_the_true_tokens_and_names(
    company: Simulated, logged: list[dict[str, Any]]
) -> None:
    truth = {
        row[0]: row[1:]
        for row in duckdb.sql(
            "select request_id, call_id, epoch_us(started_at), customer_id, deployment_id, "
            "gateway_key_alias, input_logged + cache_read_logged + cache_write_5m_logged "
            f"+ cache_write_1h_logged, output_logged from '{company.truth}'"
        ).fetchall()
    }
    for record in logged:
        assert truth[record["id"]] == (
            record["litellm_call_id"],
            round(record["startTime"] * 1_000_000),
            record["end_user"],
            record["model_id"],
            record["metadata"]["user_api_key_alias"],
            record["prompt_tokens"],
            record["completion_tokens"],
        )


def test_retries_and_fallbacks_share_the_call_of_a_failure(logged: list[dict[str, Any]]) -> None:
    failures = {
        record["litellm_call_id"]: record for record in logged if record["status"] == "failure"
    }
    again = [
        (record, record["hidden_params"]["additional_headers"])
        for record in logged
        if record["status"] == "success" and record["litellm_call_id"] in failures
    ]
    retries = [record for record, headers in again if headers["x-litellm-attempted-retries"]]
    fallbacks = [record for record, headers in again if headers["x-litellm-attempted-fallbacks"]]
    assert retries and fallbacks and len(retries) + len(fallbacks) == len(again)
    assert all(
        failures[record["litellm_call_id"]]["model_id"] == record["model_id"] for record in retries
    )
    assert all(
        failures[record["litellm_call_id"]]["model_id"] != record["model_id"]
        for record in fallbacks
    )
    assert len(failures) > len(again)


def test_cache_hits_log_tokens_that_nobody_bills(
    company: Simulated, logged: list[dict[str, Any]]
) -> None:
    hits = {record["id"]: record for record in logged if record["cache_hit"] is True}
    free = duckdb.sql(
        "select request_id from "
        f"'{company.truth}' where outcome = 'cache_hit' and billed_cost = 0 and input_quantity = 0"
    ).fetchall()
    assert hits and set(hits) == {name for (name,) in free}
    ids = {record["id"] for record in logged}
    for name, record in hits.items():
        assert name.split("_cache_hit")[0] in ids
        assert record["response_cost"] == 0 and record["prompt_tokens"] > 0


def test_objects_stand_under_litellms_keys(company: Simulated) -> None:
    root = company.folder / "logs" / "litellm"
    names = [file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file()]
    batches = [name for name in names if BATCH.fullmatch(name)]
    singles = [name for name in names if SINGLE.fullmatch(name)]
    assert batches and singles and len(batches) + len(singles) == len(names)
    assert len(names) == company.summary.log_objects


def test_late_objects_stand_under_the_next_day(company: Simulated) -> None:
    late = {
        name
        for (name,) in duckdb.sql(
            f"select request_id from '{company.truth}' where delivered_late"
        ).fetchall()
    }
    assert late
    root = company.folder / "logs" / "litellm" / "litellm" / "prod"
    folders: dict[str, set[str]] = {}
    for file in root.rglob("*.zst"):
        for line in zstandard.decompress(file.read_bytes()).split(b"\n"):
            record = json.loads(line)
            folders.setdefault(record["id"], set()).add(file.parent.parent.name)
    started = dict(
        duckdb.sql(f"select request_id, started_at::date::text from '{company.truth}'").fetchall()
    )
    assert all(max(folders[name]) > started[name] for name in late)


def test_everything_that_goes_wrong_is_counted(company: Simulated) -> None:
    faults = json.loads((company.folder / "truth" / "faults.json").read_text())
    assert faults["requests"] == company.summary.faults
    assert set(faults["requests"]) == {
        *("batch", "priority", "cache_hit", "failure", "retry", "fallback", "crosses_midnight"),
        *("delivered_late", "delivered_twice"),
        *("tags_without_feature", "tags_without_tier", "tags_without_any_tag"),
        *("tags_variant_spelling", "tags_unknown_spelling"),
    }
    for column, value in (("attempt_role", "retry"), ("outcome", "failure")):
        counted = duckdb.sql(
            f"select count(*) from '{company.truth}' where {column} = '{value}'"
        ).fetchall()
        assert counted == [(faults["requests"][value],)]
