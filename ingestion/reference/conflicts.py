"""Two lines of a CSV of which nothing says which one holds: of one key, one rule, one name."""

import itertools
from collections import defaultdict
from typing import Any, Final

from ingestion.globs import glob_meets
from ingestion.reference.columns import ReferenceTable
from ingestion.reference.rows import Problem, ReferenceRow
from ingestion.reference.rules.match import Condition, conditions, specificity
from ingestion.vocabulary import OWNERS, RESIDUAL_CAUSES


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


def name_ties(rows: list[ReferenceRow]) -> list[Problem]:
    """Pairs of different teams whose names are the same, in any case, at one time."""
    named: dict[str, list[ReferenceRow]] = defaultdict(list)
    for row in rows:
        if row.values["team_name"]:
            named[row.values["team_name"].lower()].append(row)
    return [
        (
            second.line,
            f"team_name: `{second.values['team_name']}` is also the name of team"
            f" `{first.values['team_id']}` (line {first.line}) in an overlapping time: requests"
            " that say it could be of either, make one different",
        )
        for group in named.values()
        for first, second in itertools.combinations(group, 2)
        if first.values["team_id"] != second.values["team_id"] and meet_in_time(first, second)
    ]


_SEAT: Final = ("provider", "billing_account", "product", "person")


def seat_ties(rows: list[ReferenceRow]) -> list[Problem]:
    """A person has one seat of a product at a time: whose is it, where two lines say it?"""
    persons: dict[tuple[Any, ...], list[ReferenceRow]] = defaultdict(list)
    for row in rows:
        if row.values["person"] is not None:
            persons[tuple(row.values[name] for name in _SEAT)].append(row)
    return [
        (
            second.line,
            f"person: `{second.values['person']}` has a seat of {second.values['product']} in line"
            f" {first.line}, too, in an overlapping time: end one before the other starts",
        )
        for group in persons.values()
        for first, second in itertools.combinations(group, 2)
        if meet_in_time(first, second) and _plan_and_owner(first) != _plan_and_owner(second)
    ]


def _plan_and_owner(row: ReferenceRow) -> tuple[Any, ...]:
    return row.values["plan"], row.values["owner"]


def overage_problem(values: dict[str, Any]) -> str | None:
    if values["overage"] is not None and values["overage"] > values["used"]:
        return "overage: is more than `used`, of which it is a part"
    return None


ACCOUNT_SCOPES: Final = ("default", "team", "provider", "cause", "payable", "accrual")
# What teams are charged more or less than they cost, by rate_card.csv.
RECOVERY: Final = "recovery"
# What an invoice in another currency is worth more or less, as its rate became another.
EXCHANGE: Final = "exchange"
ACCOUNT_CAUSES: Final = (*RESIDUAL_CAUSES, RECOVERY, EXCHANGE)


def scope_problem(values: dict[str, Any]) -> str | None:
    """Of accounts.csv: whose account a line is."""
    scope, scope_id = values["scope"], values["scope_id"]
    if scope == "default":
        return scope_id and f"scope_id: `{scope_id}`: the default is everybody's, leave it empty"
    # one of nobody is every provider's
    if not scope_id and scope not in ("payable", "accrual"):
        return f"scope_id: is empty: say which {scope}"
    if scope == "cause" and scope_id not in ACCOUNT_CAUSES:
        return f"scope_id: `{scope_id}` is not one of {', '.join(ACCOUNT_CAUSES)}"
    return None
