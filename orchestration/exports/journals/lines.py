"""A journal's lines before any layout, balanced, in pieces no longer than a layout takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace


class JournalError(Exception):
    """The sentence for a journal that is not written: what of it has no place."""


@dataclass(frozen=True, slots=True)
class Line:
    """`cents` above 0 are debit, below it credit. `vendor`: who is paid, of a balancing line."""

    account: str
    cents: int
    memo: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    cost_center: str = ""
    vendor: str = ""


@dataclass(frozen=True, slots=True)
class VendorAccount:
    """What teams owe of an account, and its `balancing` line, whose cents are what is open."""

    lines: Sequence[Line]
    balancing: Line


def pieces(vendors: Iterable[VendorAccount], most: int | None) -> list[list[Line]]:
    """Balanced lists of at most `most` lines; lines without a cent are dropped.

    An account that fits into one piece is not cut; of one that is cut, each part has a balancing
    line of its own.
    """
    found: list[list[Line]] = [[]]
    for vendor in vendors:
        left = [line for line in vendor.lines if line.cents]
        while left:
            whole = _balanced(vendor, left)
            if most is None or len(found[-1]) + len(whole) <= most:
                found[-1] += whole
                break
            if found[-1]:
                found.append([])
                continue
            part, left = left[: most - 1], left[most - 1 :]
            found[-1] += _balanced(vendor, part)
    return [piece for piece in found if piece]


def _balanced(vendor: VendorAccount, lines: Sequence[Line]) -> list[Line]:
    cents = -sum(line.cents for line in lines)
    return [*lines, replace(vendor.balancing, cents=cents)] if cents else [*lines]
