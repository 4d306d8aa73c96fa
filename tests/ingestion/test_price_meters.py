from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ingestion.prices.book import price_book

AT = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def book() -> dict[tuple[str, str, str], Decimal]:
    """Standard prices of the lowest band at AT, per million."""
    return {
        (row["provider"], row["model"], row["meter"]): row["unit_price_per_million"]
        for row in price_book().to_pylist()
        if (row["service_tier"], row["context_above"]) == ("standard", 0)
        and row["valid_from"] <= AT < row["valid_to"]
    }


@pytest.mark.parametrize(
    ("provider", "model", "meter", "price"),
    [
        # Anthropic lists both times to live; a Claude of Bedrock's only the one of five minutes
        ("anthropic", "claude-sonnet-4-5", "cache_write_5m", "3.75"),
        ("anthropic", "claude-sonnet-4-5", "cache_write_1h", "6"),
        ("aws", "regional.anthropic.claude-3-5-haiku-20241022-v1:0", "cache_write_5m", "1"),
        ("aws", "regional.anthropic.claude-3-5-haiku-20241022-v1:0", "cache_write_1h", ""),
        # OpenAI and Gemini do not price writes apart
        ("openai", "gpt-4o", "cache_write_5m", "2.5"),
        ("openai", "gpt-4o", "cache_write_1h", "2.5"),
        ("google", "gemini-2.5-flash", "cache_write_5m", "0.3"),
        # no cache is listed at all
        ("openai", "gpt-4", "cache_read", ""),
        ("openai", "gpt-4", "cache_write_5m", ""),
        ("google", "gemini-2.5-flash", "audio_input", "1"),
        ("google", "gemini-2.5-flash", "image_input", ""),
        ("openai", "gpt-4o", "audio_output", ""),
        ("openai", "gpt-image-1.5", "image_output", "32"),
        ("openai", "gpt-image-1", "image_output", ""),
        # reasoning costs 3, other output 8: a count of both has no price
        ("perplexity", "sonar-deep-research", "output", ""),
        ("perplexity", "sonar-deep-research", "input", "2"),
        ("perplexity", "sonar", "requests", "12000"),
        ("openai", "gpt-4o", "web_searches", "10000"),
    ],
)
def test_a_meter_has_its_own_price_or_none(
    book: dict[tuple[str, str, str], Decimal], provider: str, model: str, meter: str, price: str
) -> None:
    """Trap 15: and have two prices."""
    assert book.get((provider, model, meter)) == (Decimal(price) if price else None)
