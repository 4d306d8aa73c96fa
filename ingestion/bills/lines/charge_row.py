"""The charge row that every reader of a bill fills, with FOCUS's charge categories."""

import re
from decimal import Decimal
from typing import Any, Final

from ingestion.records import Row

_CATEGORY: Final = {
    "credit": "Credit",
    "tax": "Tax",
    "fee": "Purchase",
    "seats": "Purchase",
    "adjustment": "Adjustment",
    "rounding": "Adjustment",
}

_WORDS: Final = (
    (re.compile(r"\b(?:tax|vat|gst)\b", re.IGNORECASE), "tax"),
    (re.compile(r"\bcredits?\b", re.IGNORECASE), "credit"),
    (re.compile(r"\bfees?\b", re.IGNORECASE), "fee"),
    (re.compile(r"\brounding\b", re.IGNORECASE), "rounding"),
    (re.compile(r"\badjustments?\b", re.IGNORECASE), "adjustment"),
)
# Words for money that is given back.
_GIVEN_BACK: Final = re.compile(
    r"\b(?:credit(?:s|ed)?|refund(?:s|ed)?|rebates?|grants?|goodwill|promo(?:tion(?:al|s)?)?)\b",
    re.IGNORECASE,
)


def worded_kind(description: str) -> str | None:
    """tax, credit, fee, rounding or adjustment where the text says so as a word."""
    return next((kind for pattern, kind in _WORDS if pattern.search(description)), None)


def charge(kind: str, amount: Decimal, **known: Any) -> Row:
    """One charge; NULL where `known` is silent.

    A line that nobody can parse is a credit where it gives money back by its own words, and by no
    sign alone: it may take back another that nobody can parse. A refund of a known line keeps its
    kind, too, so that it nets against what it reverses.
    """
    if amount < 0 and kind == "unparsed" and known.get("model") is None:
        kind = "credit" if _GIVEN_BACK.search(known.get("charge_description") or "") else kind
    row: Row = dict.fromkeys(
        (
            "sub_account_id",
            "sub_account_name",
            "credential_id",
            "principal_id",
            "charge_class",
            "model",
            "meter",
            "service_tier",
            "context_band",
            "region",
            "consumed_quantity",
            "consumed_unit",
        )
    )
    row |= known
    row["charge_kind"] = kind
    row["charge_category"] = known.get("charge_category") or _CATEGORY.get(kind, "Usage")
    row["billed_cost_in_billing_currency"] = amount
    return row


def usage_rows(meters: dict[str, int], requests: int | None, **keys: Any) -> list[Row]:
    """One row per meter with a quantity; a result without any keeps one row of 0 `input`.

    `requests` stands on the first row only, so that it can be summed.
    """
    used = {meter: quantity for meter, quantity in meters.items() if quantity} or {"input": 0}
    return [
        {
            "sub_account_id": None,
            "credential_id": None,
            "principal_id": None,
            "model": None,
            "service_tier": None,
            "context_band": None,
            "region": None,
            **keys,
            "meter": meter,
            "quantity": quantity,
            "requests": requests if first else None,
        }
        for first, (meter, quantity) in zip(
            [True] + [False] * (len(used) - 1), used.items(), strict=True
        )
    ]
