"""Where an owner may be found: the places of `attribution` in `tollbook.yaml`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ingestion.vocabulary import CREDENTIAL_OWNERS, CUSTOMER_OWNERS, OWNERS

DEFAULT_PLACES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {dimension: owner.places for dimension, owner in OWNERS.items()}
)
PLAIN_PLACES: Final = ("gateway_team", "rule", "credential")
KEYED_PLACES: Final = ("tag", "metadata", "header", "customer")
CUSTOMER_COLUMNS: Final = (*CUSTOMER_OWNERS, "converted")
# Places that know the owner of some dimensions only; `gateway_team` under `tier` says nothing.
ONLY_FOR: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"gateway_team": ("team",), "credential": tuple(CREDENTIAL_OWNERS.values())}
)


def key_problem(key: str) -> str | None:
    """What is wrong with the key of a tag, header or metadata, which becomes a JSON path."""
    if '"' in key or "\\" in key:
        return "quotes and backslashes are not allowed in a key"
    if key.strip() == "*":
        return "`*` is not a key: name one"
    return None


def place_problem(dimension: str, place: str) -> str | None:
    """What is wrong with a place, or None when it can name an owner of that dimension."""
    if place in PLAIN_PLACES:
        known_for = ONLY_FOR.get(place, (dimension,))
        if dimension in known_for:
            return None
        return f"`{place}` names no {dimension}, only {', '.join(known_for)}: take it out"
    kind, separator, key = place.partition(":")
    if kind not in KEYED_PLACES or not separator:
        keyed = ", ".join(f"{kind}:<key>" for kind in KEYED_PLACES)
        return f"unknown place `{place}`: use {keyed} or one of {', '.join(PLAIN_PLACES)}"
    if not key.strip():
        return f"place `{place}` names no key: write `{kind}:<key>`"
    if problem := key_problem(key):
        return f"`{place}`: {problem}"
    if kind == "customer" and key not in CUSTOMER_COLUMNS:
        return f"`{place}`: customers.csv has no column `{key}`, use {', '.join(CUSTOMER_COLUMNS)}"
    return None
