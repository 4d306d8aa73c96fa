"""Usage that proves itself is read, whatever fields it stands in; what stays unclear is not."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.records import Row
from ingestion.vocabulary import TOKEN_METERS
from tests.field.litellm_calls import logged, read, rows
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, costs, line, write_company

NONE = dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), 0)


def meters(row: Row) -> dict[str, int]:
    found = {meter: row[f"{meter}_quantity"] for meter in TOKEN_METERS}
    assert row["provider_total_tokens"] == sum(found.values())
    return {meter: count for meter, count in found.items() if count}


def usage(**counts: Any) -> dict[str, Any]:
    return {"metadata": {"usage_object": counts}, **NONE}


# name -> what the record has, and the meters it proves
PROVEN: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "images_under_the_providers_names": (
        {
            "call_type": "aimage_generation",
            **usage(
                completion_tokens=0,
                prompt_tokens=0,
                total_tokens=1079,
                input_tokens=23,
                input_tokens_details={"image_tokens": 0, "text_tokens": 23},
                output_tokens=1056,
                output_tokens_details=None,
            ),
        },
        {"input": 23, "image_output": 1056},
    ),
    "image_edits_with_text_and_image_on_both_sides": (
        {
            "call_type": "aimage_edit",
            **usage(
                total_tokens=6900,
                input_tokens=357,
                input_tokens_details={"image_tokens": 323, "text_tokens": 34},
                output_tokens=6543,
                output_tokens_details={"image_tokens": 6208, "text_tokens": 335},
            ),
        },
        {"input": 34, "image_input": 323, "output": 335, "image_output": 6208},
    ),
    "responses_api": (
        usage(
            input_tokens=1000,
            input_tokens_details={"cached_tokens": 600},
            output_tokens=200,
            output_tokens_details={"reasoning_tokens": 150},
            total_tokens=1200,
        ),
        {"input": 400, "cache_read": 600, "output": 200},
    ),
    "anthropic": (
        usage(
            input_tokens=100,
            output_tokens=20,
            cache_read_input_tokens=5000,
            cache_creation_input_tokens=300,
            cache_creation={"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 100},
        ),
        {
            "input": 100,
            "cache_read": 5000,
            "output": 20,
            "cache_write_5m": 200,
            "cache_write_1h": 100,
        },
    ),
    "anthropic_whose_total_leaves_the_cache_out": (
        usage(input_tokens=100, output_tokens=20, cache_read_input_tokens=50, total_tokens=120),
        {"input": 100, "cache_read": 50, "output": 20},
    ),
    "anthropic_repeated_by_the_record": (
        {
            **usage(input_tokens=100, output_tokens=20, cache_read_input_tokens=50),
            "prompt_tokens": 100,
            "completion_tokens": 20,
            "total_tokens": 120,
        },
        {"input": 100, "cache_read": 50, "output": 20},
    ),
    "gemini": (
        usage(
            promptTokenCount=1000,
            cachedContentTokenCount=400,
            candidatesTokenCount=50,
            thoughtsTokenCount=70,
            toolUsePromptTokenCount=30,
            totalTokenCount=1150,
            promptTokensDetails=[
                {"modality": "TEXT", "tokenCount": 900},
                {"modality": "AUDIO", "tokenCount": 100},
            ],
        ),
        {"input": 530, "cache_read": 400, "audio_input": 100, "output": 120},
    ),
    "gemini_of_an_sdk_in_the_answer": (
        {
            "response": {
                "usageMetadata": {
                    "prompt_token_count": 10,
                    "candidates_token_count": 5,
                    "total_token_count": 15,
                }
            },
            **usage(),
        },
        {"input": 10, "output": 5},
    ),
    "bedrock": (
        usage(
            inputTokens=10,
            outputTokens=20,
            totalTokens=1530,
            cacheReadInputTokens=1000,
            cacheWriteInputTokens=500,
            cacheDetails=[{"ttl": "1h", "inputTokens": 200}, {"ttl": "5m", "inputTokens": 300}],
        ),
        {
            "input": 10,
            "cache_read": 1000,
            "output": 20,
            "cache_write_5m": 300,
            "cache_write_1h": 200,
        },
    ),
    "bedrock_whose_total_leaves_the_cache_out": (
        usage(inputTokens=10, outputTokens=20, totalTokens=30, cacheReadInputTokens=1000),
        {"input": 10, "cache_read": 1000, "output": 20},
    ),
    "a_total_that_counts_the_cache_beside": (
        usage(
            prompt_tokens=100,
            completion_tokens=20,
            total_tokens=170,
            prompt_tokens_details={"cached_tokens": 50},
        ),
        {"input": 100, "cache_read": 50, "output": 20},
    ),
    "a_total_that_counts_written_tokens_beside_and_read_ones_within": (
        usage(
            prompt_tokens=100,
            completion_tokens=20,
            total_tokens=150,
            prompt_tokens_details={"cached_tokens": 50, "cache_creation_tokens": 30},
        ),
        {"input": 50, "cache_read": 50, "cache_write_5m": 30, "output": 20},
    ),
    "a_total_that_counts_audio_beside": (
        usage(
            prompt_tokens=100,
            completion_tokens=20,
            total_tokens=260,
            prompt_tokens_details={"audio_tokens": 140},
        ),
        {"input": 100, "audio_input": 140, "output": 20},
    ),
    "cached_among_text_and_images_that_make_the_prompt": (
        usage(
            prompt_tokens=1000,
            completion_tokens=5,
            total_tokens=1005,
            prompt_tokens_details={"text_tokens": 100, "image_tokens": 900, "cached_tokens": 300},
        ),
        {"image_input": 700, "cache_read": 300, "output": 5},
    ),
    "cached_beside_text_and_images": (
        usage(
            prompt_tokens=1000,
            completion_tokens=5,
            total_tokens=1005,
            prompt_tokens_details={
                "text_tokens": 400,
                "image_tokens": 300,
                "cached_tokens": 300,
                "cached_tokens_details": {"image_tokens": 100, "text_tokens": 200},
            },
        ),
        {"input": 400, "image_input": 300, "cache_read": 300, "output": 5},
    ),
    "cached_audio_of_a_realtime_call": (
        usage(
            prompt_tokens=11000,
            completion_tokens=2000,
            total_tokens=13000,
            prompt_tokens_details={
                "cached_tokens": 8000,
                "audio_tokens": 9000,
                "text_tokens": 2000,
                "cached_tokens_details": {"audio_tokens": 7000, "text_tokens": 1000},
            },
            completion_tokens_details={"audio_tokens": 1500, "text_tokens": 500},
        ),
        {
            "input": 1000,
            "audio_input": 2000,
            "cache_read": 8000,
            "output": 500,
            "audio_output": 1500,
        },
    ),
    "counts_as_texts_and_as_floats": (
        usage(prompt_tokens="12.0", completion_tokens=3.0, total_tokens="15"),
        {"input": 12, "output": 3},
    ),
    "zeros_in_the_record_and_counts_in_the_usage": (
        usage(prompt_tokens=12, completion_tokens=3, total_tokens=15),
        {"input": 12, "output": 3},
    ),
    "zeros_in_the_usage_and_counts_in_the_record": (
        {**usage(**NONE), "prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15},
        {"input": 12, "output": 3},
    ),
    "zeros_in_the_usage_and_counts_in_the_answer": (
        {
            "response": {"usage": {"prompt_tokens": 12, "completion_tokens": 3}},
            **usage(**NONE),
        },
        {"input": 12, "output": 3},
    ),
    "usage_at_the_top": (
        {"usage": {"prompt_tokens": 12, "completion_tokens": 3}, **usage()},
        {"input": 12, "output": 3},
    ),
    "a_stream_whose_last_chunk_had_none": (
        {
            "stream": True,
            "response": {"usage": None},
            "metadata": {"usage_object": None},
            "prompt_tokens": 12,
            "completion_tokens": 3,
            "total_tokens": 15,
        },
        {"input": 12, "output": 3},
    ),
    "embeddings_with_a_total_alone": (
        {"call_type": "aembedding", **usage(total_tokens=9)},
        {"input": 9},
    ),
    "a_side_that_the_total_leaves": (
        {
            **usage(prompt_tokens=12, total_tokens=15),
            "prompt_tokens": None,
            "completion_tokens": None,
            "total_tokens": None,
        },
        {"input": 12, "output": 3},
    ),
}


@pytest.mark.parametrize("name", PROVEN)
def test_usage_that_proves_itself_is_read(name: str) -> None:
    fields, expected = PROVEN[name]
    (row,) = rows(logged(name, **fields))
    assert meters(row) == expected


@pytest.mark.parametrize(
    ("fields", "field", "numbers"),
    [
        # 50 more than input and output: read or written ones may stand beside
        (
            usage(
                prompt_tokens=100,
                completion_tokens=20,
                total_tokens=170,
                prompt_tokens_details={"cached_tokens": 50, "cache_creation_tokens": 50},
            ),
            "total_tokens",
            "(170, they make 120)",
        ),
        # more cached than prompt, and a total that does not count them beside
        (
            usage(
                prompt_tokens=100,
                completion_tokens=20,
                total_tokens=120,
                prompt_tokens_details={"cached_tokens": 150},
            ),
            "prompt_tokens",
            "(100, they make 150)",
        ),
        # nothing stands beside that makes the difference
        (
            usage(prompt_tokens=100, completion_tokens=20, total_tokens=121),
            "total_tokens",
            "(121, they make 120)",
        ),
        # a total alone of a call that also makes tokens
        (usage(total_tokens=15), "total_tokens", "(15, they make 0)"),
        # cached tokens among audio and images, and nobody knows among which
        (
            usage(
                prompt_tokens=1000,
                completion_tokens=0,
                total_tokens=1000,
                prompt_tokens_details={
                    "text_tokens": 100,
                    "image_tokens": 400,
                    "audio_tokens": 500,
                    "cached_tokens": 300,
                },
            ),
            "prompt_tokens",
            "(1000, they make 1200)",
        ),
    ],
)
def test_what_stays_unclear_is_told_with_both_numbers(
    fields: dict[str, Any], field: str, numbers: str
) -> None:
    (reject,) = read(logged("unclear", **fields)).rejects
    assert reject.field == field
    assert reject.reason.endswith(numbers)


@pytest.mark.parametrize("odd", [12.5, "a lot", True, -1, [1], {"a": 1}])
def test_what_is_no_count_is_a_reject_of_its_field(odd: Any) -> None:
    (reject,) = read(logged("odd", **usage(prompt_tokens=odd, completion_tokens=1))).rejects
    assert reject.field == "metadata.usage_object.prompt_tokens"


@pytest.fixture(scope="module")
def images(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """field/01: three image calls, the first under the provider's names alone."""
    named, _ = PROVEN["images_under_the_providers_names"]
    known = {"prompt_tokens": 23, "completion_tokens": 1056, "total_tokens": 1079}
    edited, _ = PROVEN["image_edits_with_text_and_image_on_both_sides"]
    call = {"model": "gpt-image-1.5", "model_group": "gpt-image-1.5", "at": "2026-10-05T10:00:00Z"}
    records = [
        logged("img-1", **call, **named, request_tags=["team:design"]),
        logged(
            "img-2",
            counted=known,
            call_type="aimage_generation",
            request_tags=["team:design"],
            **call,
        ),
        logged("img-3", **call, **edited, request_tags=["team:brand"]),
    ]
    lines = [
        line("2026-10-05", f"gpt-image-1.5 {words}", amount, quantity, "key_a")
        for words, amount, quantity in (
            ("text, input", "0.0004", 80),
            ("image, input", "0.002584", 323),
            ("image, output", "0.26624", 8320),
            ("text, output", "0.00335", 335),
        )
    ]
    files = {
        "logs/a.jsonl": "\n".join(map(json.dumps, records)),
        "bills/c.json": costs(*lines),
        "reference/deployments.csv": (
            "gateway,deployment_id,provider,billing_account,sub_account,provider_credential_id\n"
            "gw,dep-1,openai,org-x,p,key_a\n"
        ),
    }
    settings = (
        "company: Images\ngateways:\n  - {name: gw, format: litellm, location: logs}\n"
        "bills:\n  - {name: openai, format: openai, account: org-x, location: bills}\n"
    )
    folder: Path = tmp_path_factory.mktemp("images")
    return Company(project, write_company(folder, files, settings))


def test_images_are_their_teams(images: Company) -> None:
    assert images.by("team") == {"design": Decimal("0.067814"), "brand": Decimal("0.20476")}
