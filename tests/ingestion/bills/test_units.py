"""Units of a bill's quantities, however they are written."""

from decimal import Decimal

import pytest

from ingestion.bills.lines.units import multiple_in, unit_of


@pytest.mark.parametrize(
    ("written", "unit", "factor"),
    [
        ("tokens", "tokens", "1"),
        ("1000_tokens", "tokens", "1000"),
        ("1K tokens", "tokens", "1000"),
        ("1M Tokens", "tokens", "1000000"),
        ("1,000 tokens", "tokens", "1000"),
        ("1000000 Tokens", "tokens", "1000000"),
        ("duration_hours", "seconds", "3600"),
        ("images", "images", "1"),
        ("Units", "Units", "1"),
        (None, None, "1"),
    ],
)
def test_what_one_unit_is(written: str | None, unit: str | None, factor: str) -> None:
    """Trap 9: a quantity is in thousands, millions or single tokens, as its unit says."""
    assert unit_of(written) == (unit, Decimal(factor))


@pytest.mark.parametrize(
    ("words", "many"),
    [
        ("Units Million Output Tokens", 1_000_000),
        ("Units $3 per 1K tokens", 1000),
        ("Units $3 per 1,000 tokens", 1000),
        ("Units AWS Marketplace software usage", None),
    ],
)
def test_a_unit_that_only_words_explain(words: str, many: int | None) -> None:
    """Trap 9: `Units` of a marketplace say nothing: their words do, or nobody knows."""
    assert multiple_in(words) == many
