"""Who was called, of records that do not say it."""

import json
from typing import Any

import pytest
from litellm_logs import named, row, spendlogs

from ingestion.reading.providers import provider_of_model

BASIC = "05-37-27-097255"


def unsaid(model: str, api_base: str = "", **hidden: Any) -> dict[str, Any]:
    """A record as release 1.55 has it."""
    logged = named(BASIC) | {"model": model, "api_base": api_base, "hidden_params": hidden}
    del logged["custom_llm_provider"], logged["model_map_information"]
    return logged


@pytest.mark.parametrize(
    ("api_base", "provider"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("api.openai.com", "openai"),
        ("https://eu.api.openai.com/v1", "openai"),
        ("https://api.anthropic.com/v1/messages", "anthropic"),
        ("https://northwind-swc.openai.azure.com/openai/deployments/x", "azure"),
        ("https://bedrock-runtime.us-east-1.amazonaws.com/model/x/converse", "aws"),
        ("https://us-central1-aiplatform.googleapis.com/v1/projects/x", "google"),
        ("https://generativelanguage.googleapis.com/v1beta", "google"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("https://api.openai.com.example.net/v1", None),
        ("http://[broken", None),
    ],
)
def test_the_host_that_was_called(api_base: str, provider: str | None) -> None:
    found = row(unsaid("house-model", api_base))
    assert (found["provider"], found["model_routed"]) == (provider, "house-model")
    assert row(unsaid("house-model", api_base=api_base))["provider"] == provider


def test_the_host_goes_before_what_the_name_of_the_model_says() -> None:
    found = row(unsaid("anthropic/claude-sonnet-4-5", "https://openrouter.ai/api/v1"))
    assert found["provider"] == "openrouter"


def test_prefixes_go_before_families() -> None:
    assert row(unsaid("azure/gpt-4o"))["provider"] == "azure"
    hidden = {"litellm_model_name": "hosted_vllm/openai/gpt-oss-120b"}
    assert row(unsaid("openai/gpt-oss-120b", **hidden))["provider"] == "own"
    mapped = unsaid("gpt-4o") | {"model_map_information": {"model_map_key": "azure/eu/gpt-4o"}}
    assert row(mapped)["provider"] == "azure"
    assert row(unsaid("gpt-4o") | {"model_map_information": "redacted"})["provider"] == "openai"


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("gpt-4o-mini", "openai"),
        ("ft:gpt-4o-mini:northwind::1", "openai"),
        ("claude-sonnet-4-5-20250929", "anthropic"),
        ("us.anthropic.claude-3-5-sonnet-20241022-v2:0", "aws"),
        ("arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude", "aws"),
        ("gemini-2.5-flash", "google"),
        ("house-model", None),
    ],
)
def test_families(model: str, provider: str | None) -> None:
    assert provider_of_model(model) == provider
    found = row(unsaid(model))
    assert (found["provider"], found["model_routed"]) == (provider, model)


def test_rows_of_spendlogs() -> None:
    stored = spendlogs()[0] | {"custom_llm_provider": "", "model": "gpt-4o", "model_group": "x"}
    assert row(stored | {"api_base": "https://x.openai.azure.com"})["provider"] == "azure"
    metadata = json.loads(stored["metadata"])
    metadata["model_map_information"] = {"model_map_key": "azure/gpt-4o"}
    assert row(stored | {"metadata": json.dumps(metadata)})["provider"] == "azure"
    assert row(stored | {"model": "house-model", "metadata": "{}"})["provider"] is None


def test_a_call_that_was_refused_before_it_was_sent_has_no_provider() -> None:
    failed = unsaid("gpt-4o") | {"status": "failure"}
    assert row(failed)["provider"] == "openai"
    assert row(failed | {"custom_llm_provider": None})["provider"] is None


def test_what_the_price_map_calls_the_model_of_a_deployment() -> None:
    deployed = row(named("05-37-40-117651"))
    assert (deployed["model_routed"], deployed["model_mapped"]) == (
        "azure/prod-gpt4o-swc",
        "azure/gpt-4o-2024-08-06",
    )
    [stored, *_] = [
        found for found in map(row, spendlogs()) if found["model_routed"] == "azure/prod-gpt4o-swc"
    ]
    assert stored["model_mapped"] == "azure/gpt-4o-2024-08-06"


def test_an_alias_that_the_price_map_was_asked_for_is_no_model() -> None:
    logged = unsaid("openai/gpt-4.1") | {"model_group": "gpt-4o"}
    assert (
        row(logged | {"model_map_information": {"model_map_key": "gpt-4o"}})["model_mapped"] is None
    )
    assert row(logged | {"model_map_information": {"model_map_key": ""}})["model_mapped"] is None
    routed = logged | {"model": "openai/gpt-4o"}
    mapped = row(routed | {"model_map_information": {"model_map_key": "gpt-4o"}})
    assert mapped["model_mapped"] == "gpt-4o"


@pytest.mark.parametrize(
    "model",
    [
        "projects/p/locations/us/publishers/anthropic/models/claude-sonnet-4-5@20250929",
        "models/gemini-2.5-flash",
    ],
)
def test_resource_names_of_google_are_googles(model: str) -> None:
    assert provider_of_model(model) == "google"
