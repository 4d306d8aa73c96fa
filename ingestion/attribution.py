"""Where an owner may be found: the places of `attribution` in `tollbook.yaml`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

DEFAULT_PLACES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "feature": ("tag:feature", "metadata:feature", "rule", "credential"),
        "team": ("tag:team", "gateway_team", "rule", "credential"),
        "tier": ("tag:tier", "metadata:customer_tier", "customer:tier", "rule"),
        "environment": ("tag:env", "tag:environment", "rule", "credential"),
        "plan": ("tag:plan", "customer:plan", "rule"),
    }
)

PLAIN_PLACES: Final = ("gateway_team", "rule", "credential")
KEYED_PLACES: Final = ("tag", "metadata", "header", "customer")
CUSTOMER_COLUMNS: Final = ("tier", "plan", "converted")


def place_problem(place: str) -> str | None:
    """What is wrong with a place, or None when it is one that attribution can look at."""
    if place in PLAIN_PLACES:
        return None
    kind, separator, key = place.partition(":")
    if kind not in KEYED_PLACES or not separator:
        keyed = ", ".join(f"{kind}:<key>" for kind in KEYED_PLACES)
        return f"unknown place `{place}`: use {keyed} or one of {', '.join(PLAIN_PLACES)}"
    if not key.strip():
        return f"place `{place}` names no key: write `{kind}:<key>`"
    if kind == "customer" and key not in CUSTOMER_COLUMNS:
        return f"`{place}`: customers.csv has no column `{key}`, use {', '.join(CUSTOMER_COLUMNS)}"
    return None
