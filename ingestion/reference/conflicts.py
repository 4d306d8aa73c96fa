"""Two lines of a CSV that say different things of one moment."""

import itertools
from collections import defaultdict
from typing import Any

from ingestion.globs import glob_meets
from ingestion.reference.columns import ReferenceTable
from ingestion.reference.rows import Problem, ReferenceRow


def overlaps(table: ReferenceTable, rows: list[ReferenceRow]) -> list[Problem]:
    """Pairs of lines that can match the same value, equally well, at the same moment.

    Literal keys must be equal. Globs (only `*` is special) tie when they are equally long and some
    value matches both: a literal goes before a glob and a longer glob before a shorter one.
    """
    groups: dict[tuple[Any, ...], list[ReferenceRow]] = defaultdict(list)
    for row in rows:
        groups[tuple(_rank(row.values[name], name in table.globs) for name in table.key)].append(
            row
        )
    return [
        _problem(table, first, second)
        for group in groups.values()
        for first, second in itertools.combinations(group, 2)
        if meet_in_time(first, second)
        and all(glob_meets(first.values[name], second.values[name]) for name in table.globs)
    ]


def _rank(value: Any, may_be_glob: bool) -> Any:
    """Equal for values that no rule of precedence tells apart."""
    return len(value) if may_be_glob and "*" in value else value


def meet_in_time(first: ReferenceRow, second: ReferenceRow) -> bool:
    if "valid_to" not in first.values:
        return True
    return bool(
        first.values["valid_from"] < second.values["valid_to"]
        and second.values["valid_from"] < first.values["valid_to"]
    )


def _problem(table: ReferenceTable, first: ReferenceRow, second: ReferenceRow) -> Problem:
    name = table.globs[0] if table.globs else table.key[0]
    key, other = (
        ", ".join(str(row.values[k]) for k in table.key if row.values[k] is not None)
        for row in (second, first)
    )
    if "valid_to" not in second.values:
        return second.line, f"{name}: `{key}` ties with line {first.line} (`{other}`): keep one"
    return second.line, (
        f"{name}: `{key}` ties with line {first.line} (`{other}`) in an overlapping time:"
        " end one before the other starts"
    )
