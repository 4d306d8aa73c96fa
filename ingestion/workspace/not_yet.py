"""Formats whose name is settled and that no reader reads yet: why, and what to use meanwhile.

They stand under "Not yet" in docs/sources.md. Who writes a reader takes its line away.
"""

from typing import Final

_BY_HAND: Final = "write its invoice's lines as `format: manual_invoice`"

BILLS_NOT_YET: Final = {
    "codex_usage": "its reports count credits, whose price is your contract's: write credits x"
    " price of each person and month as `used` of seat_usage.csv",
    "cohere": f"Cohere publishes no billing API or export: {_BY_HAND}",
    "mistral": "Mistral publishes the categories of its usage answer, not the fields in them:"
    f" {_BY_HAND}",
    "xai": "a saved usage answer does not say what its numbers count, and its invoice's lines are"
    f" not published: {_BY_HAND}",
}

GATEWAYS_NOT_YET: Final[dict[str, str]] = {}
