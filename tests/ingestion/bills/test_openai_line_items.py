import pytest

from ingestion.bills.openai.line_items import LineItem, read_line_item

TOKEN_LINES = {
    "gpt-5.5-2026-04-23, input": ("gpt-5.5-2026-04-23", "input", "standard", "base"),
    "gpt-5.5-2026-04-23, cached input": ("gpt-5.5-2026-04-23", "cache_read", "standard", "base"),
    "gpt-4.1-2025-04-14, output": ("gpt-4.1-2025-04-14", "output", "standard", "base"),
    "gpt-5.6-sol, cache writes": ("gpt-5.6-sol", "cache_write_5m", "standard", "base"),
    "priority | gpt-5.6-sol, output, long context": ("gpt-5.6-sol", "output", "priority", "long"),
    "flex | gpt-5-mini, input": ("gpt-5-mini", "input", "flex", "base"),
    "batch | gpt-5-mini, cached input": ("gpt-5-mini", "cache_read", "batch", "base"),
    "gpt-5.6-terra, batch input": ("gpt-5.6-terra", "input", "batch", "base"),
    "gpt-audio-mini-2025-12-15 audio, input": (
        "gpt-audio-mini-2025-12-15",
        "audio_input",
        "standard",
        "base",
    ),
    "gpt-image-2.5-flare image, output": (
        "gpt-image-2.5-flare",
        "image_output",
        "standard",
        "base",
    ),
    "gpt-image-2.5-sunburst text, cached input": (
        "gpt-image-2.5-sunburst",
        "cache_read",
        "standard",
        "base",
    ),
    "ft-gpt-4o-2024-08-06, input": ("ft-gpt-4o-2024-08-06", "input", "standard", "base"),
    "gpt-6-astra, input_tokens": ("gpt-6-astra", "input", "standard", "base"),
    "gpt-6-astra, output_tokens": ("gpt-6-astra", "output", "standard", "base"),
    "Priority | gpt-5.6-sol,  Output": ("gpt-5.6-sol", "output", "priority", "base"),
}


@pytest.mark.parametrize("line", TOKEN_LINES)
def test_a_token_line_names_model_meter_tier_and_band(line: str) -> None:
    assert read_line_item(line) == LineItem("tokens", *TOKEN_LINES[line])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("input_tokens", LineItem("tokens", meter="input")),
        ("whisper-1, audio", LineItem("tool", model="whisper-1", meter="audio_seconds")),
        ("web search tool calls", LineItem("tool", meter="web_searches")),
        ("assistants api | file search", LineItem("tool", meter="file_searches")),
        ("assistants api | code interpreter", LineItem("tool", meter="code_sessions")),
        ("Vector storage", LineItem("storage", meter="storage")),
        ("gpt-4o-2024-08-06, training", LineItem("training", model="gpt-4o-2024-08-06")),
        ("Promotional credit", LineItem("credit")),
        ("Sales tax", LineItem("tax")),
    ],
)
def test_a_line_without_tokens_has_its_own_kind(line: str, expected: LineItem) -> None:
    """Trap 16: fees of tools are no tokens and name no model."""
    assert read_line_item(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "scale | gpt-5.5, input",  # an unknown tier is not part of a model's name
        "gpt-5.5, reasoning",
        "gpt-5.5, input, quantum context",
        "Sora second generation",
        "gpt-5.5",
    ],
)
def test_an_unknown_line_is_never_guessed(line: str) -> None:
    assert read_line_item(line) == LineItem("unparsed")
