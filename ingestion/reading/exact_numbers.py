"""Bounds and scales that every log's numbers are held to."""

import re
from decimal import Decimal, InvalidOperation
from typing import Final

# No request has this many tokens or dollars; sums of such counts still fit 64 bits.
MOST: Final = 10**15
# The contract's money has 12 places.
PICO: Final = Decimal("1e-12")
NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,6})?")
# Stands for a number out of all bounds; told apart from a NaN of a log by identity.
NOT_A_NUMBER: Final = Decimal("NaN")
# A literal longer than this, or with a larger exponent, is no number of a log: arithmetic with it
# could take minutes.
LONGEST: Final = 64
DIGITS: Final = 40


def exact(literal: str | Decimal) -> Decimal | None:
    """The number of a literal as JSON and CSV write it; None for what is none, or out of bounds."""
    if isinstance(literal, str):
        text = literal.strip()
        if len(text) > LONGEST or not NUMBER.fullmatch(text):
            return None
        try:
            literal = Decimal(text)
        except InvalidOperation:
            return None
    if not literal.is_finite() or (literal and abs(literal.adjusted()) > DIGITS):
        return None
    return literal


def json_number(literal: str) -> Decimal:
    """For a decoder of JSON, which must not fail for a number that nobody reads."""
    number = exact(literal)
    return NOT_A_NUMBER if number is None else number
