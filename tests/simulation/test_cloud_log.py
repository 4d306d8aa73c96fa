"""Calls to clouds are logged as LiteLLM logs them."""

import json
from typing import Any

import pytest

from tests.simulation.conftest import Simulated
from tests.simulation.test_log import FIXTURES, is_like, keys_of, records

# LiteLLM's calls of Vertex AI are as those of Gemini's own API, under another name.
SAME_AS = {"gemini": "vertex_ai"}


@pytest.fixture(scope="module")
def logged(clouds: Simulated) -> list[dict[str, Any]]:
    return records(clouds.folder)


@pytest.mark.parametrize("name", ["azure", "bedrock", "gemini"])
def test_records_have_the_fields_of_a_real_object(logged: list[dict[str, Any]], name: str) -> None:
    real = json.loads((FIXTURES / f"litellm_{name}.json").read_text())
    real["custom_llm_provider"] = SAME_AS.get(name, name)
    like = [record for record in logged if is_like(record, real)]
    assert like
    for record in like:
        assert list(record) == list(real)
        assert keys_of(record) == keys_of(real)


def test_models_are_named_as_the_clouds_call_them(logged: list[dict[str, Any]]) -> None:
    routed = {record["model"] for record in logged}
    assert "bedrock/converse/us.anthropic.claude-opus-4-5-20251101-v1:0" in routed
    assert "vertex_ai/gemini-2.5-pro" in routed
    bedrock = [record for record in logged if record["custom_llm_provider"] == "bedrock"]
    assert {record["api_base"].rpartition("/")[2] for record in bedrock} == {"converse"}
    assert any("%3A" in record["api_base"] for record in bedrock)


def test_litellm_claims_nothing_for_a_deployment_it_does_not_know(
    logged: list[dict[str, Any]],
) -> None:
    azure = [
        record
        for record in logged
        if record["custom_llm_provider"] == "azure" and record["status"] == "success"
    ]
    known = {record["model_map_information"]["model_map_key"] for record in azure}
    assert "azure/gpt-4o-2024-08-06" in known and len(known) == 3
    for record in azure:
        is_known = record["model_map_information"]["model_map_key"] == "azure/gpt-4o-2024-08-06"
        costs = record["response_cost"] > 0 or record["cache_hit"] is True
        assert costs == is_known or record["cache_hit"] is True
