"""Bounds and scales that every log's numbers are held to."""

from decimal import Decimal
from typing import Final

# No request has this many tokens or dollars; sums of such counts still fit 64 bits.
MOST: Final = 10**15
# The contract's money has 12 places.
PICO: Final = Decimal("1e-12")
