"""The two sinks of one proxy: log objects and rows of LiteLLM_SpendLogs."""

import json
from datetime import UTC, datetime
from typing import Any

from litellm_logs import objects, row, rows, spendlogs

from ingestion.records import Row
from ingestion.vocabulary import METERS

METER_COLUMNS = [f"{meter}_quantity" for meter in METERS]
# First attempts that a retry or fallback rescued have no SpendLogs row.
RESCUED = {
    "38c60b25-7fb9-440f-a090-c4c989242d74",
    "cbcb9503-ab0a-4491-8bec-aae8efd46e70",
    "44e83d6f-ea76-43b1-a08e-efb2a4135adf",
}
TIMEOUT = "fb456ac4-168f-4179-b197-c548f23f9f82"
OPENAI_SEARCH = "1901927a-57b0-40fb-a089-2ccb29b52229"


def proxy_objects() -> list[dict[str, Any]]:
    return [logged for key, logged in objects().items() if "-sdk/" not in key]


def by_key(found: list[Row]) -> dict[str, Row]:
    keyed = {one["request_key"]: one for one in found}
    assert len(keyed) == len(found)
    return keyed


def test_both_sinks_give_each_attempt_once() -> None:
    logged, stored = by_key(rows(proxy_objects())), by_key(rows(spendlogs()))
    assert (len(logged), len(stored)) == (58, 55)
    assert stored.keys() < logged.keys()
    missing = {logged[key]["call_id"] for key in logged.keys() - stored.keys()}
    assert missing == RESCUED


def test_log_objects_are_kept_before_spendlogs_rows() -> None:
    assert {one["evidence_rank"] for one in rows(proxy_objects())} == {2}
    assert {one["evidence_rank"] for one in rows(spendlogs())} == {1}


def test_spendlogs_alone_gives_the_same_meters_and_owners() -> None:
    logged = by_key(rows(proxy_objects()))
    same = [*METER_COLUMNS, "customer_id", "gateway_key_id", "gateway_team", "provider", "status"]
    for key, stored in by_key(rows(spendlogs())).items():
        if stored["call_id"] == TIMEOUT:
            continue
        if stored["call_id"] == OPENAI_SEARCH:
            # its search is only told by the response, which the table does not keep
            assert stored.pop("web_searches_quantity") == 0
            stored["web_searches_quantity"] = 1
        assert [stored[column] for column in same] == [logged[key][column] for column in same]


def test_a_timeout_keeps_the_estimate_that_spendlogs_prices() -> None:
    """Trap 19: a call that timed out was billed for its input."""
    timeout = next(one for one in rows(spendlogs()) if one["call_id"] == TIMEOUT)
    assert (timeout["input_quantity"], timeout["tokens_estimated"]) == (21, True)


def test_refused_calls_are_not_billed_whatever_spendlogs_estimates() -> None:
    stored = {one["request_id"]: one for one in spendlogs()}
    refused = "d9321ea6-ba4c-4b39-86ea-5646fa599151"
    assert stored[refused]["prompt_tokens"] == 21
    found = row(stored[refused])
    assert [found[column] for column in METER_COLUMNS] == [0] * len(METERS)
    assert found["tokens_estimated"] is False


def test_a_fallback_says_what_was_asked_for() -> None:
    found = [one for one in rows(spendlogs()) if one["attempt_role"] == "fallback"]
    assert [(one["model_requested"], one["attempt_no"]) for one in found] == [("broken", 2)]


def test_json_columns_may_be_objects() -> None:
    texts = spendlogs()
    parsed = [
        one
        | {"metadata": json.loads(one["metadata"]), "request_tags": json.loads(one["request_tags"])}
        for one in texts
    ]
    assert [one | {"content_hash": ""} | {"raw_usage": ""} for one in rows(parsed)] == [
        one | {"content_hash": ""} | {"raw_usage": ""} for one in rows(texts)
    ]


def test_naive_times_are_utc() -> None:
    stored = spendlogs()[0] | {"startTime": "2026-11-21 05:37:27.097"}
    assert row(stored)["started_at"] == datetime(2026, 11, 21, 5, 37, 27, 97000, UTC)


def test_hits_of_one_response_differ_and_replays_do_not() -> None:
    hits = [one for one in rows(proxy_objects()) if one["cache_layer"] == "gateway_exact"]
    assert len({one["request_key"] for one in hits}) == 3
    assert len({one["request_id"] for one in hits}) == 2
    again = rows([*proxy_objects(), *proxy_objects()])
    assert len({one["request_key"] for one in again}) == 58


def test_a_request_id_inside_a_log_object_makes_it_no_spendlogs_row() -> None:
    logged = next(iter(objects().values()))
    logged["metadata"]["requester_metadata"]["request_id"] = "client-1"
    assert row(logged)["evidence_rank"] == 2
