"""What the answers of three systems say of limits that stand. Of all that is in one only ids, names
and limits are read.

LiteLLM: `/key/list` (full objects), `/team/list` and `/budget/list`; OpenAI: `…/spend_limit` and
`…/spend_alerts`, those of a project below `projects/<id>/`; Anthropic: `…/spend_limits`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ingestion.contracts import SCALE

PROVIDER: Final = "provider"
# A month, as LiteLLM says it; a limit of another time is none of the month.
MONTH: Final = ("1mo", "monthly")
# A month only where it begins anew on the first: older releases count days.
DAYS_OF_A_MONTH: Final = "30d"
_FIRST_OF_A_MONTH: Final = re.compile(r"\d{4}-\d{2}-01T00:00:00(\.0+)?(Z|\+00:?00)?")
_PROJECT: Final = re.compile(r"(?:^|/)projects/([^/]+)/")
NOT_READABLE: Final = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
# Path below the source's folder -> what is said there
Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Limit:
    scope: str
    scope_id: str
    alias: str | None = None
    soft: Decimal | None = None
    hard: Decimal | None = None


class NoAnswer(ValueError):
    """What is said at `path` is no answer about limits."""

    def __init__(self, path: str, error: Exception) -> None:
        super().__init__(" ".join(str(error).split())[:80])
        self.path = path


def read_answers(system: str, answers: Answers) -> list[Limit]:
    """Raises NoAnswer."""
    budgets: dict[str, Any] = {}
    if system == LITELLM:
        for path, answer in answers.items():
            with _naming(path):
                budgets |= dict(_litellm_budgets(answer))
    found: list[Limit] = []
    for path, answer in answers.items():
        with _naming(path):
            found += SYSTEMS[system](answer, path, budgets)
    return found


@contextmanager
def _naming(path: str) -> Iterator[None]:
    try:
        yield
    except NOT_READABLE as error:
        raise NoAnswer(path, error) from error


def _litellm_budgets(answer: Any) -> Iterator[tuple[str, Any]]:
    """Budgets by their id, which keys and teams name."""
    for entry in _litellm_entries(answer):
        if "token" not in entry and "team_id" not in entry:
            yield str(entry["budget_id"]), entry


def _litellm_entries(answer: Any) -> list[Any]:
    """Of a page of `/key/list`, of another list, or a single object of one."""
    if not isinstance(answer, Mapping):
        return list(answer)
    named = next((name for name in ("keys", "teams", "budgets") if name in answer), None)
    return list(answer[named]) if named else [answer]


def _litellm(answer: Any, _path: str, budgets: Mapping[str, Any]) -> Iterator[Limit]:
    for entry in _litellm_entries(answer):
        if "token" in entry:
            scope, names = "credential", ("token", "key_alias")
        elif "team_id" in entry:
            scope, names = "team", ("team_id", "team_alias")
        else:
            continue
        table = entry.get("litellm_budget_table") or budgets.get(str(entry.get("budget_id"))) or {}
        soft, hard, duration, anew = (
            entry.get(name) if entry.get(name) is not None else table.get(name)
            for name in ("soft_budget", "max_budget", "budget_duration", "budget_reset_at")
        )
        scope_id, alias = (entry.get(name) for name in names)
        monthly = duration in MONTH or (
            duration == DAYS_OF_A_MONTH and bool(_FIRST_OF_A_MONTH.fullmatch(str(anew)))
        )
        limit = _money(hard)
        yield Limit(scope, str(scope_id), alias, _money(soft), limit if monthly else None)


def _openai(answer: Any, path: str, _: Mapping[str, Any]) -> Iterator[Limit]:
    """A spend limit, or a list of spend alerts, of the organisation or of the project in `path`."""
    found = _PROJECT.search(f"{path}/")
    scope, scope_id = ("sub_account", found[1]) if found else (PROVIDER, "openai")
    if "data" in answer:
        alerts = [_cents(alert["threshold_amount"]) for alert in answer["data"]]
        yield Limit(scope, scope_id, soft=min(alerts, default=None))
    else:
        amount = _cents(answer["threshold_amount"])
        yield Limit(
            scope, scope_id, hard=amount if answer.get("interval", "month") == "month" else None
        )


def _anthropic(answer: Any, _path: str, _: Mapping[str, Any]) -> Iterator[Limit]:
    """A page of spend limits; what Anthropic itself sets by the usage tier is nobody's choice."""
    scopes = {
        "organization": (PROVIDER, None),
        "workspace": ("sub_account", "workspace_id"),
        "user": ("user", "user_id"),
    }
    for limit in answer["data"]:
        kind = limit["scope"]["type"]
        if kind not in scopes or limit["period"] != "monthly" or not limit.get("is_enabled", True):
            continue
        scope, name = scopes[kind]
        scope_id = limit["scope"][name] if name else "anthropic"
        amount = limit["amount"]
        yield Limit(scope, scope_id, hard=None if amount is None else _cents(amount))


LITELLM: Final = "litellm"
SYSTEMS: Final[Mapping[str, Callable[[Any, str, Mapping[str, Any]], Iterator[Limit]]]] = {
    LITELLM: _litellm,
    "openai": _openai,
    "anthropic": _anthropic,
}


def _money(value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        return Decimal(str(value)).quantize(SCALE)
    except InvalidOperation as error:
        raise ValueError(f"`{str(value)[:20]}` is no amount") from error


def _cents(value: Any) -> Decimal:
    amount = _money(value)
    if amount is None:
        raise ValueError("an amount is missing")
    return (amount / 100).quantize(SCALE)
