"""The `match` of an attribution rule: `key_alias=hr-* & model=gpt-4o*`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ingestion.secret_forms import without_logins
from ingestion.vocabulary import REQUEST_FIELDS as PLAIN_FIELDS
from ingestion.workspace.attribution import key_problem

REQUEST_FIELDS: Final = (*PLAIN_FIELDS, "tag:", "metadata:", "header:")
SAME_FIELD: Final = {"project": "sub_account", "workspace": "sub_account"}
JOINT: Final = re.compile(r"\s&(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Condition:
    """`field` holds where its value, in any case, is like `glob`; only `*` is special."""

    field: str
    glob: str

    def __str__(self) -> str:
        return f"{self.field}={self.glob}"

    @property
    def is_literal(self) -> bool:
        return "*" not in self.glob


def conditions(match: str, fields: Sequence[str] = REQUEST_FIELDS) -> list[Condition]:
    """All of them must hold, in the order written; a ValueError says what is wrong.

    `fields` may be matched; one that ends with `:` stands for all that start with it.
    """
    return [_condition(part.strip(), fields) for part in JOINT.split(match)]


def match_text(match: str, fields: Sequence[str] = REQUEST_FIELDS) -> str:
    """The match as rules are told apart by it: lower case, one space beside `&`."""
    return " & ".join(str(condition) for condition in conditions(match, fields))


def specificity(parts: Iterable[Condition]) -> tuple[int, int]:
    """Greater goes first in one priority: more literal values, then more characters of globs."""
    parts = list(parts)
    return sum(part.is_literal for part in parts), sum(len(part.glob) for part in parts)


def _condition(part: str, fields: Sequence[str]) -> Condition:
    name, equals, value = part.partition("=")
    field = name.strip().lower()
    is_said = field.startswith(("tag:", "metadata:", "header:"))
    glob = (without_logins(value) if is_said else value).strip().lower()
    if not equals:
        raise ValueError(f"`{part}` is no condition: write field=glob, joined by ` & `")
    if not glob:
        raise ValueError(f"`{part}` has no glob: write a value, or * for any value")
    return Condition(_field(field, fields), glob)


def _field(field: str, fields: Sequence[str]) -> str:
    kind, separator, key = field.partition(":")
    if separator and f"{kind}:" in fields and key.strip():
        if problem := key_problem(key):
            raise ValueError(f"`{field}`: {problem}")
        return f"{kind}:{key.strip()}"
    field = SAME_FIELD.get(field, field)
    if field not in fields or field.endswith(":"):
        known = (f"{name}<key>" if name.endswith(":") else name for name in fields)
        raise ValueError(f"unknown field `{field}`: known are {', '.join(known)}")
    return field


def condition_rows(
    rules: Iterable[dict[str, Any]],
    fields: Sequence[str] = REQUEST_FIELDS,
    column: str = "match",
) -> list[dict[str, Any]]:
    """One row per rule (by its `line`) and condition of its `column`, numbered from 1.

    An empty text has no condition.
    """
    return [
        {"line": rule["line"], "condition_no": number, "field": each.field, "pattern": each.glob}
        for rule in rules
        if rule[column]
        for number, each in enumerate(conditions(rule[column], fields), start=1)
    ]
