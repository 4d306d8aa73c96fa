"""Service tiers by the names of the contract: what was served, never what was asked for.

Vendors call one tier by several names. `auto` is a wish and no tier. Anthropic's fast mode is
told beside the tier (`speed`); its prices are its own, so it is the tier `fast` here.
"""

from typing import Final

STANDARD: Final = "standard"
FAST: Final = "fast"
_NAMES: Final = {
    "default": STANDARD,
    "standard_only": STANDARD,
    "on_demand": STANDARD,
    "flex_discount": "flex",
    "priority_on_demand": "priority",
    "provisioned_throughput": "provisioned",
}
_WISHES: Final = ("", "auto")


def served_tier(said: str | None, speed: str | None = None) -> str | None:
    """The tier that a bill, a usage report or an answer names; None where it names none."""
    word = (said or "").strip().lower()
    tier = None if word in _WISHES else _NAMES.get(word, word)
    if (speed or "").strip().lower() == FAST and tier in (None, STANDARD):
        return FAST
    return tier
