"""Two rules of which nothing says who goes first."""

import itertools
from collections import defaultdict
from typing import Any, Final

from ingestion.globs import glob_meets
from ingestion.reference.conflicts import meet_in_time
from ingestion.reference.rows import Problem, ReferenceRow
from ingestion.reference.rule_match import Condition, conditions, specificity
from ingestion.vocabulary import OWNERS

SETS: Final = tuple(f"set_{dimension}" for dimension in OWNERS)


def rule_ties(rows: list[ReferenceRow]) -> list[Problem]:
    """Pairs of one priority, equally specific, that set one dimension of one request at one time.

    Decided where both name the same fields: then some request matches both if their globs meet.
    Where the fields differ only the log can tell; there the earlier line goes first.
    """
    alike: dict[tuple[Any, ...], list[tuple[ReferenceRow, list[Condition]]]] = defaultdict(list)
    for row in rows:
        parts = conditions(row.values["match"])
        fields = tuple(sorted(part.field for part in parts))
        alike[row.values["priority"], specificity(parts), fields].append((row, parts))
    return [
        (
            second.line,
            f"match: `{second.values['match']}` ties with line {first.line}"
            f" (`{first.values['match']}`) in priority {first.values['priority']} on {both}:"
            " give them different priorities, or times that do not overlap",
        )
        for group in alike.values()
        for (first, its), (second, others) in itertools.combinations(group, 2)
        if (both := _sets_in_common(first, second))
        and meet_in_time(first, second)
        and _can_meet(its, others)
    ]


def _sets_in_common(first: ReferenceRow, second: ReferenceRow) -> str:
    return ", ".join(
        name for name in SETS if first.values[name] is not None and second.values[name] is not None
    )


def _can_meet(first: list[Condition], second: list[Condition]) -> bool:
    return all(
        glob_meets(one.glob, other.glob)
        for one in first
        for other in second
        if one.field == other.field
    )
