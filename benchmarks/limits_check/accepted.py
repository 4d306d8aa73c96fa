"""Bodies of a limits.json, read by the types of LiteLLM and of the SDKs of OpenAI and Anthropic.

    python -m benchmarks.limits_check.accepted limits.json [--every-kind]

`make limits-check` calls it in `.venv-limits`, where these are installed. A field that a type does
not have is refused, too: LiteLLM would leave it out without a word.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

Call = Mapping[str, Any]
# How limits.json says its period -> by system the field that says it, and its word.
PERIODS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "calendar month, UTC": {
        "litellm": ("budget_duration", "1mo"),
        "openai": ("interval", "month"),
        "anthropic": ("period", "monthly"),
    }
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A path of a system's API, and the type that reads what is posted there."""

    system: str
    path: str
    module: str
    name: str

    def reads(self, system: str, call: Call) -> bool:
        path = re.sub(r"\{\w+\}", "[^/]+", self.path)
        posted = call["method"] == "POST" and re.fullmatch(path, call["path"])
        return system == self.system and bool(posted)


LITELLM: Final = "litellm.proxy._types"
OPENAI: Final = "openai.types.admin.organization"
ANTHROPIC: Final = "anthropic.types.beta.organization"
KINDS: Final = (
    Kind("litellm", "/key/update", LITELLM, "UpdateKeyRequest"),
    Kind("litellm", "/team/update", LITELLM, "UpdateTeamRequest"),
    Kind("litellm", "/budget/new", LITELLM, "BudgetNewRequest"),
    Kind("openai", "/organization/spend_limit", OPENAI, "SpendLimitUpdateParams"),
    Kind("openai", "/organization/spend_alerts", OPENAI, "SpendAlertCreateParams"),
    Kind(
        *("openai", "/organization/projects/{project}/spend_limit"),
        *(f"{OPENAI}.projects", "SpendLimitUpdateParams"),
    ),
    Kind(
        *("openai", "/organization/projects/{project}/spend_alerts"),
        *(f"{OPENAI}.projects", "SpendAlertCreateParams"),
    ),
    Kind("anthropic", "/v1/organizations/spend_limits", ANTHROPIC, "SpendLimitSetParams"),
)


def refused(read_by: Any, body: Any) -> Iterator[str]:
    """As JSON, where "5" is no number."""
    try:
        TypeAdapter(read_by).validate_json(json.dumps(body), strict=True, extra="forbid")
    except ValidationError as error:
        for each in error.errors(include_url=False):
            place = ".".join(str(part) for part in each["loc"])
            yield f"{place or 'body'}: {each['msg']}"


def another_period(system: str, body: Mapping[str, Any], period: str) -> Iterator[str]:
    """Of a body whose limit is not of the budgets' period: 30 days are no month, though a release
    of LiteLLM may begin them with one.
    """
    if period not in PERIODS:
        yield f"period: no system is known to limit a `{period}`"
        return
    field, word = PERIODS[period][system]
    if (said := body.get(field)) is None:
        yield f"{field}: is missing, a budget is of a {period}: {word}"
    elif said != word:
        yield f"{field}: `{said}` is not the budget's {period}: {word}"


def begins_elsewhere(duration: str) -> Iterator[str]:
    """Of a budget that LiteLLM's own calendar does not begin anew with each month."""
    parser = import_module("litellm.litellm_core_utils.duration_parser")
    inside = datetime(2026, 11, 17, 9, tzinfo=UTC)
    try:
        anew = parser.get_next_standardized_reset_time(duration, inside, "UTC")
    except ValueError as error:
        yield f"budget_duration: {error}"
    else:
        if anew != datetime(2026, 12, 1, tzinfo=UTC):
            yield f"budget_duration: {duration} begins anew on {anew}, not with the month"


def problems(said: Mapping[str, Any], every_kind: bool) -> Iterator[str]:
    met = set()
    for system in dict.fromkeys(kind.system for kind in KINDS):
        for call in said[system]:
            where = f"{system} {call['method']} {call['path']} of {call['budget_id']}"
            kind = next((each for each in KINDS if each.reads(system, call)), None)
            if kind is None:
                yield f"{where}: no type of its SDK reads what is sent there"
                continue
            met.add(kind)
            read_by = getattr(import_module(kind.module), kind.name)
            wrong = list(refused(read_by, call["body"]))
            if not wrong:
                wrong += another_period(system, call["body"], said["period"])
            if system == "litellm" and not wrong:
                wrong += begins_elsewhere(call["body"]["budget_duration"])
            yield from (f"{where}: {each}" for each in wrong)
    if every_kind:
        yield from (f"{each.system}: no body for {each.path}" for each in KINDS if each not in met)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--every-kind", action="store_true", help="a path without a body is wrong")
    options = parser.parse_args()
    said = json.loads(options.file.read_text(encoding="utf-8"))
    wrong = list(problems(said, options.every_kind))
    for system in dict.fromkeys(kind.system for kind in KINDS):
        print(f"{system}: {len(said[system])} bodies read")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
