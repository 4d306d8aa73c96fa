import pytest

from ingestion.model_names import model_names


@pytest.mark.parametrize(
    ("provider", "raw", "model"),
    [
        ("openai", "gpt-4o-2024-08-06", "gpt-4o"),
        ("openai", "openai/gpt-4o-2024-08-06", "gpt-4o"),
        ("openai", "GPT-4o-20240806", "gpt-4o"),
        ("openai", "ft:gpt-4o-2024-08-06:acme:hr:abc", "ft:gpt-4o"),
        ("openai", "ft-gpt-4o-2024-08-06", "ft:gpt-4o"),
        ("openai", "ft:gpt-4.1-2025-04-14:acme::x", "ft:gpt-4.1"),
        ("azure", "azure/gpt-4o-2024-11-20", "gpt-4o"),
        ("aws", "bedrock/us-east-1/amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"),
        (
            "aws",
            "bedrock/converse/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        ("google", "gemini/gemini-2.5-flash", "gemini-2.5-flash"),
        ("google", "models/gemini-2.5-flash", "gemini-2.5-flash"),
        (
            "google",
            "publishers/anthropic/models/claude-sonnet-4-5@20250929",
            "claude-sonnet-4-5",
        ),
        ("groq", "groq/openai/gpt-oss-120b", "openai/gpt-oss-120b"),
        ("openrouter", "openrouter/anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4.5"),
    ],
)
def test_names_of_routes_and_snapshots_are_one_model(provider: str, raw: str, model: str) -> None:
    assert model_names([raw], [provider])["model"].to_pylist() == [model]


def test_unknown_names_are_cleaned_and_say_so() -> None:
    names = model_names(["azure/Prod-GPT4o-SWC", "acme/llama", "eu.acme.m1"], ["azure", "own"])
    assert [tuple(row.values()) for row in names.to_pylist()] == [
        (provider, raw, model, "as_logged")
        for provider in ("azure", "own")
        for raw, model in (
            ("acme/llama", "acme/llama"),
            ("azure/Prod-GPT4o-SWC", "prod-gpt4o-swc"),
            ("eu.acme.m1", "acme.m1"),
        )
    ]
