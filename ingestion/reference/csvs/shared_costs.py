"""`match` and `targets` of a shared cost: which allocations it takes, and who bears them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ingestion.reference.rules.match import match_text
from ingestion.vocabulary import ALLOCATION_FIELDS, OWNERS

FIELDS: Final = tuple(ALLOCATION_FIELDS)
METHODS: Final = ("proportional", "even", "fixed", "keep")
# What an owner weighs; the first is the default.
BASES: Final = ("direct_cost", "total_cost", "requests", "tokens")
EVERY_TEAM: Final = "team=*"
# Shares are whole millionths, so that a split never meets a fraction.
SHARE_UNIT: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """Owners of `dimension` like `pattern` (lower case, only `*` is special)."""

    dimension: str
    pattern: str
    share: Decimal | None

    def __str__(self) -> str:
        share = "" if self.share is None else f":{self.share.normalize():f}"
        return f"{self.dimension}={self.pattern}{share}"


def shared_cost_match(text: str) -> str:
    return match_text(text, FIELDS)


def targets_text(text: str) -> str:
    """As written, in one spelling; a ValueError says what is wrong."""
    return "; ".join(str(target) for target in targets(text))


def targets(text: str) -> list[Target]:
    """`team=search:60; team=chat:40`; the share after the colon is for `fixed`."""
    found = [_target(part.strip()) for part in text.split(";") if part.strip()]
    if not found:
        raise ValueError("names nobody: write targets like team=*, joined by `;`")
    if len({target.dimension for target in found}) > 1:
        raise ValueError(f"`{text}` mixes dimensions: name owners of one dimension")
    return found


def _target(part: str) -> Target:
    dimension, equals, rest = (piece.strip().lower() for piece in part.partition("="))
    pattern, colon, share = (piece.strip() for piece in rest.partition(":"))
    if not equals or not pattern:
        raise ValueError(f"`{part}` is no target: write it as team=search or team=search:60")
    if dimension not in OWNERS:
        raise ValueError(f"`{dimension}` is not one of {', '.join(OWNERS)}")
    return Target(dimension, pattern, _share(part, share) if colon else None)


def _share(part: str, text: str) -> Decimal:
    try:
        share = Decimal(text)
    except InvalidOperation:
        share = Decimal(0)
    if not share.is_finite() or share <= 0 or share * SHARE_UNIT % 1 or share > SHARE_UNIT:
        raise ValueError(f"`{part}`: the share must be a positive number, at most six decimals")
    return share


def method_problem(values: dict[str, Any]) -> str | None:
    """What a rule's method and targets say against each other."""
    shares = [target.share for target in targets(values["targets"])]
    if values["method"] == "fixed" and None in shares:
        return "targets: `fixed` needs a share for every target, as team=search:60"
    if values["method"] != "fixed" and any(share is not None for share in shares):
        return f"targets: a share is for `fixed` only, not for `{values['method']}`"
    return None


def target_rows(rules: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per rule (by its `line`) and target, numbered from 1; `share` in millionths."""
    return [
        {
            "line": rule["line"],
            "target_no": number,
            "dimension": target.dimension,
            "pattern": target.pattern,
            "share": None if target.share is None else int(target.share * SHARE_UNIT),
        }
        for rule in rules
        for number, target in enumerate(targets(rule["targets"]), start=1)
    ]
