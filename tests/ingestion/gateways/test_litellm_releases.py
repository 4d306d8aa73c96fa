"""What other releases of LiteLLM write, and calls that no real object shows."""

import json
from decimal import Decimal
from typing import Any

from litellm_logs import named, read, row, rows

BASIC, CACHED, HIT = "05-37-27-097255", "05-37-29-356582", "05-37-33-604274"
ADDED_SINCE_1_55 = (
    *("stream", "custom_llm_provider", "response_time", "error_information", "cost_breakdown"),
    *("status_fields", "user_agent", "session_id", "litellm_call_id", "zero_cost_diagnostic"),
    *("guardrail_information", "standard_built_in_tools_params", "request_model_access_groups"),
)


def as_of_1_55(logged: dict[str, Any]) -> dict[str, Any]:
    known = (
        "user_api_key_hash",
        "user_api_key_alias",
        "user_api_key_team_id",
        "user_api_key_user_id",
    )
    kept = {k: v for k, v in logged.items() if k not in ADDED_SINCE_1_55}
    metadata = {k: v for k, v in logged["metadata"].items() if k in (*known, "spend_logs_metadata")}
    return kept | {"metadata": metadata, "model": logged["model"].partition("/")[2]}


def test_release_1_55_has_no_usage_object() -> None:
    old = as_of_1_55(named(CACHED)) | {"response": {"text": "redacted-by-litellm"}}
    found = row(old)
    assert (found["input_quantity"], found["cache_read_quantity"]) == (3210, 0)
    assert (found["output_quantity"], found["provider_total_tokens"]) == (188, 3398)
    assert (found["status"], found["raw_usage"], found["provider"]) == ("success", None, "openai")
    assert found["call_id"] == found["request_id"] == old["id"]


def test_release_1_55_splits_tokens_where_the_response_is_logged() -> None:
    found = row(as_of_1_55(named(CACHED)))
    assert (found["input_quantity"], found["cache_read_quantity"]) == (394, 2816)


def test_release_1_77_has_no_prefix_and_repeats_tags() -> None:
    logged = named(BASIC)
    del logged["litellm_call_id"], logged["session_id"]
    logged |= {"model": "gpt-4o", "end_user": "", "cache_hit": False, "stream": False}
    logged["metadata"]["user_api_key_end_user_id"] = ""
    logged["response"]["model"] = "gpt-4o-2024-08-06"
    logged["request_tags"] = ["beta", "User-Agent: curl", "beta", "User-Agent: curl"] * 2
    found = row(logged)
    assert json.loads(found["attributes"])["labels"] == ["beta"]
    assert (found["model_routed"], found["model_served"]) == ("gpt-4o", "gpt-4o-2024-08-06")
    assert (found["customer_id"], found["stream"]) == (None, False)


def test_release_1_77_claims_a_cost_for_a_first_cache_hit() -> None:
    hit = named(HIT) | {"response_cost": 0.0001194}
    del hit["litellm_call_id"]
    later = hit | {"startTime": hit["startTime"] + 1, "id": hit["id"] + "9"}
    first, second = rows([hit, later])
    assert (first["gateway_cost"], first["input_quantity"]) == (Decimal("0.0001194"), 0)
    assert first["request_id"] == second["request_id"]
    assert first["request_key"] != second["request_key"]


def test_texts_where_releases_differ() -> None:
    logged = named(BASIC)
    logged["hidden_params"]["additional_headers"]["x-litellm-attempted-retries"] = "2"
    logged |= {"response": "redacted-by-litellm", "model_parameters": None, "end_user": 17}
    found = row(logged)
    assert (found["attempt_role"], found["attempt_no"]) == ("retry", 3)
    assert (found["customer_id"], found["model_served"]) == ("17", None)


def test_bodies_of_unknown_shape_cost_nothing_but_their_facts() -> None:
    logged = named(BASIC) | {"response": {"model": "gpt-4o", "choices": "none"}}
    assert row(logged)["model_served"] is None


def test_an_unsplit_cache_write_was_for_five_minutes() -> None:
    logged = named("05-37-34-653784")
    del logged["metadata"]["usage_object"]["prompt_tokens_details"]["cache_creation_token_details"]
    found = row(logged)
    assert (found["cache_write_5m_quantity"], found["cache_write_1h_quantity"]) == (5200, 0)
    assert found["cache_ttl_assumed"] is True


def test_cached_audio_is_a_cache_read() -> None:
    logged = named("05-37-30-104809")
    details = logged["metadata"]["usage_object"]["prompt_tokens_details"]
    details |= {"cached_tokens": 700, "cached_tokens_details": {"audio_tokens": 650}}
    found = row(logged)
    assert found["cache_read_quantity"] == 700
    assert (found["audio_input_quantity"], found["input_quantity"]) == (150, 50)


def batch(call: str, tokens: int) -> dict[str, Any]:
    logged = named(BASIC) | {"id": "batch_77_batch_cost", "call_type": "aretrieve_batch"}
    counts = {"prompt_tokens": tokens, "completion_tokens": 0, "total_tokens": tokens}
    logged["metadata"]["usage_object"] |= counts
    return logged | {"litellm_call_id": call} | counts


def test_a_batch_is_billed_once_however_often_it_is_looked_at() -> None:
    waiting, done, again = rows([batch("a", 0), batch("b", 9000), batch("c", 9000)])
    assert done["request_key"] == again["request_key"] != waiting["request_key"]
    assert (done["service_tier"], done["operation"]) == ("batch", "batch")


def test_reading_a_response_back_is_not_billed() -> None:
    logged = named("05-37-41-587612") | {"call_type": "aget_responses"}
    found = row(logged)
    assert (found["input_quantity"], found["provider_total_tokens"]) == (0, 0)
    assert found["gateway_cost"] == Decimal("0.00547")


def test_providers_and_regions_have_one_name() -> None:
    logged = named("05-37-34-400698") | {"custom_llm_provider": "vertex_ai-anthropic_models"}
    logged["metadata"]["usage_object"]["inference_geo"] = "us"
    assert (row(logged)["provider"], row(logged)["region"]) == ("google", "us")
    assert row(logged | {"custom_llm_provider": "Mistral"})["provider"] == "mistral"


def test_times_and_money_are_exact() -> None:
    text = json.dumps(named(BASIC))
    text = text.replace("1795239447.097255", "1795239447.0972554999")
    text = text.replace(
        '"response_cost": 0.0019900000000000004', '"response_cost": 1.2345678901235e-1'
    )
    (found,) = read(text.encode()).rows["requests"]
    assert found["started_at"].microsecond == 97255
    assert found["gateway_cost"] == Decimal("0.123456789012")


def test_attributes_take_what_is_named_and_of_others_the_path() -> None:
    logged = named(BASIC)
    logged["request_tags"] = [
        "Feature:a:b",
        "feature:late",
        "plan=pro",
        "beta",
        "Credential: k",
        ":x",
    ]
    logged["metadata"]["requester_metadata"] = {
        "Experiment": {"Arm": "B", "n": 3, "on": True, "prompt": "secret words"},
        "long": "x" * 257,
        "api_key": "sk-1",
        "tags": ["feature:a"],
        "messages": "secret words",
        "headers": {"authorization": "Bearer sk-1"},
        "prompt_version": "v7",
    }
    logged["metadata"]["spend_logs_metadata"] = {"prompt_version": "v6", "ticket": "T-1"}
    logged["metadata"]["user_api_key_auth_metadata"] = None
    logged["metadata"]["requester_custom_headers"] = {"X-Feature": "a", "X-Api-Key": "sk-1"}
    found = row(logged)
    assert json.loads(found["attributes"]) == {
        "tags": {"feature": "a:b", "plan": "pro"},
        "labels": ["beta", ":x"],
        "metadata": {"prompt_version": "v7"},
    }
    # nothing names them; without a landing there is no key to hash a value under
    assert json.loads(found["unnamed_attributes"]) == dict.fromkeys(
        (
            *("header:authorization", "header:x-api-key", "header:x-feature", "metadata:api_key"),
            *("metadata:experiment.arm", "metadata:experiment.n", "metadata:experiment.on"),
            *("metadata:experiment.prompt", "metadata:long", "metadata:messages"),
            "metadata:ticket",
        )
    )
    assert found["prompt_version"] == "v7"


def test_code_runs_in_sessions_of_its_containers() -> None:
    logged = named("05-37-41-587612")
    runs = [("c-1", 3), ("c-2", 1), (None, 2)]
    logged["response"]["output"] += [
        {"type": "code_interpreter_call", "container_id": container}
        for container, calls in runs
        for _ in range(calls)
    ]
    found = row(logged)
    assert (found["code_sessions_quantity"], found["web_searches_quantity"]) == (3, 0)
