"""Which kind a line of a bill has that names no model: by its words, and by no sign alone."""

from decimal import Decimal

import pytest

from ingestion.bills.lines.charge_row import charge, worded_kind


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Lanes, premium", "unparsed"),
        ("USE1-Frobnication", "unparsed"),
        (None, "unparsed"),
        ("creditor services", "unparsed"),
        ("Promotional credits", "credit"),
        ("Refund: lanes", "credit"),
        ("Startup GRANT 2026", "credit"),
    ],
)
def test_negative_money_is_a_credit_by_its_words(words: str | None, kind: str) -> None:
    row = charge("unparsed", Decimal(-1), charge_description=words)
    assert (row["charge_kind"], row["charge_category"]) == (
        kind,
        "Credit" if kind == "credit" else "Usage",
    )


def test_what_is_parsed_or_to_be_paid_keeps_its_kind() -> None:
    assert charge("tool", Decimal(-1), charge_description="Refund")["charge_kind"] == "tool"
    assert charge("unparsed", Decimal(1), charge_description="Grant")["charge_kind"] == "unparsed"
    said = charge("unparsed", Decimal(-1), model="m-1", charge_description="Refund")
    assert said["charge_kind"] == "unparsed"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Rounding adjustment", "rounding"),
        ("Adjustment of October", "adjustment"),
        ("Surrounding services", None),
    ],
)
def test_a_rounding_says_so(words: str, kind: str | None) -> None:
    assert worded_kind(words) == kind
