"""Usage objects as LiteLLM writes them for any usage, and totals that say otherwise."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litellm_logs import named, read, row, rows, spendlogs

from ingestion.records import Row
from ingestion.vocabulary import TOKEN_METERS

BASIC, GEMINI = "05-37-27-097255", "05-37-40-858625"
WRITES = ("cache_write_5m", "cache_write_1h")
WITHOUT_USAGE = ("05-37-31-905231", "05-37-32-756298", "05-37-33-126041")
COUNT = st.integers(0, 10**9)


def logged(prompt: int, completion: int, total: int, at: str = BASIC, **usage: Any) -> Row:
    # the answer tells no usage of its own
    record = named(at) | {"response": None}
    counts = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total}
    return record | counts | {"metadata": record["metadata"] | {"usage_object": counts | usage}}


def spelled(tokens: dict[str, int], cached_audio: int, reasoning: int, *, split: bool) -> Row:
    """A record of these meters; cached audio is part of cache_read."""
    writes = {
        "ephemeral_5m_input_tokens": tokens["cache_write_5m"],
        "ephemeral_1h_input_tokens": tokens["cache_write_1h"],
    }
    completion = tokens["output"] + tokens["audio_output"] + tokens["image_output"]
    total = sum(tokens.values())
    return logged(
        total - completion,
        completion,
        total,
        prompt_tokens_details={
            "cached_tokens": tokens["cache_read"],
            "cached_tokens_details": {"audio_tokens": cached_audio},
            "cache_creation_tokens": sum(writes.values()),
            "cache_creation_token_details": writes if split else None,
            "audio_tokens": tokens["audio_input"] + cached_audio,
            "image_tokens": tokens["image_input"],
        },
        completion_tokens_details={
            "reasoning_tokens": reasoning,
            "audio_tokens": tokens["audio_output"],
            "image_tokens": tokens["image_output"],
        },
    )


@given(
    st.fixed_dictionaries(dict.fromkeys(TOKEN_METERS, COUNT)), COUNT, COUNT, st.booleans(), COUNT
)
def test_any_usage_reads_back_and_a_wrong_total_does_not(
    tokens: dict[str, int], cached_audio: int, reasoning: int, split: bool, more: int
) -> None:
    tokens["cache_read"] += cached_audio
    reasoning = min(reasoning, tokens["output"])
    if not split:
        tokens["cache_write_1h"] = 0
    record = spelled(tokens, cached_audio, reasoning, split=split)
    found = row(record)
    assert {meter: found[f"{meter}_quantity"] for meter in TOKEN_METERS} == tokens
    assert found["provider_total_tokens"] == sum(tokens.values())
    assert found["cache_ttl_assumed"] == (not split and tokens["cache_write_5m"] > 0)
    parts = [tokens[name] for name in TOKEN_METERS if name not in ("input", "output", *WRITES)]
    beside = {0}
    for part in (*parts, sum(tokens[name] for name in WRITES), reasoning):
        beside |= {made + part for made in beside}
    if more not in beside:
        record["metadata"]["usage_object"]["total_tokens"] += more
        (reject,) = read(json.dumps(record).encode()).rejects
        assert reject.field == "total_tokens"


def test_a_total_that_counts_reasoning_beside_the_completion_proves_it() -> None:
    details = {"reasoning_tokens": 448}
    found = row(logged(1000, 34, 1482, completion_tokens_details=details))
    assert (found["output_quantity"], found["reasoning_tokens"]) == (482, 448)
    assert found["provider_total_tokens"] == 1482


def test_a_total_of_gemini_counts_prompts_of_tools_too() -> None:
    found = row(logged(2200, 590, 2855, at=GEMINI))
    assert (found["input_quantity"], found["provider_total_tokens"]) == (2200, 2790)
    assert len(read(json.dumps(logged(2200, 590, 2855)).encode()).rejects) == 1
    assert len(read(json.dumps(logged(2200, 590, 2725, at=GEMINI)).encode()).rejects) == 1


def test_a_total_of_zero_is_none() -> None:
    assert row(logged(412, 96, 0))["provider_total_tokens"] == 508


def test_reasoning_that_litellm_estimated_costs_no_record() -> None:
    found = row(logged(412, 96, 508, completion_tokens_details={"reasoning_tokens": 101}))
    assert (found["output_quantity"], found["reasoning_tokens"]) == (96, 101)


def test_tokens_that_nobody_told_are_unknown_in_every_meter() -> None:
    record = named(BASIC) | {"prompt_tokens": None, "completion_tokens": None, "response": None}
    found = row(record | {"metadata": record["metadata"] | {"usage_object": None}})
    assert {value for column, value in found.items() if column.endswith("_quantity")} == {None}


def test_a_claim_for_nothing_lands_as_claimed() -> None:
    hit = named("05-37-33-604274") | {"response_cost": 0.0001194}
    assert [str(row(hit)["gateway_cost"]), row(hit)["output_quantity"]] == ["0.000119400000", 0]


@pytest.mark.parametrize("at", WITHOUT_USAGE)
def test_a_stream_without_usage_is_flagged_in_both_sinks(at: str) -> None:
    found = row(named(at))
    stored = {one["call_id"]: one for one in rows(spendlogs())}[found["call_id"]]
    assert (found["tokens_estimated"], stored["tokens_estimated"]) == (True, True)
    assert found["output_quantity"] == stored["output_quantity"] > 0
