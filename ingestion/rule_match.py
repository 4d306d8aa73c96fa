"""The `match` of an attribution rule: `key_alias=hr-* & model=gpt-4o*`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

# Fields of a request; macros/rules.sql says which column each one is.
PLAIN_FIELDS: Final = (
    *("gateway", "key", "key_alias", "gateway_team", "gateway_team_alias", "user", "customer"),
    *("session", "trace", "deployment", "route", "operation", "prompt_version"),
    *("provider", "account", "sub_account", "credential", "region", "service_tier"),
    *("model", "model_requested"),
)
KEYED_FIELDS: Final = ("tag", "metadata", "header")
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


def conditions(match: str) -> list[Condition]:
    """All of them must hold, in the order written; a ValueError says what is wrong."""
    return [_condition(part.strip()) for part in JOINT.split(match)]


def match_text(match: str) -> str:
    """The match as rules are told apart by it: lower case, one space beside `&`."""
    return " & ".join(str(condition) for condition in conditions(match))


def specificity(parts: Iterable[Condition]) -> tuple[int, int]:
    """Greater goes first in one priority: more literal values, then more characters of globs."""
    parts = list(parts)
    return sum(part.is_literal for part in parts), sum(len(part.glob) for part in parts)


def _condition(part: str) -> Condition:
    field, equals, glob = (text.strip().lower() for text in part.partition("="))
    if not equals:
        raise ValueError(f"`{part}` is no condition: write field=glob, joined by ` & `")
    if not glob:
        raise ValueError(f"`{part}` has no glob: write a value, or * for any value")
    return Condition(_field(field), glob)


def _field(field: str) -> str:
    kind, separator, key = field.partition(":")
    if kind in KEYED_FIELDS and separator and key.strip():
        if '"' in key or "\\" in key:
            raise ValueError(f"`{field}`: quotes and backslashes are not allowed in a key")
        return f"{kind}:{key.strip()}"
    field = SAME_FIELD.get(field, field)
    if field not in PLAIN_FIELDS:
        keyed = ", ".join(f"{kind}:<key>" for kind in KEYED_FIELDS)
        raise ValueError(f"unknown field `{field}`: known are {', '.join(PLAIN_FIELDS)}, {keyed}")
    return field


def condition_rows(rules: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per rule (by its `line`) and condition, numbered from 1."""
    return [
        {"line": rule["line"], "condition_no": number, "field": each.field, "pattern": each.glob}
        for rule in rules
        for number, each in enumerate(conditions(rule["match"]), start=1)
    ]
