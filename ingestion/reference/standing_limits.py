"""Limits that stand at gateways and providers: answers of their APIs, saved below `limits/`.

`limits/<source>/…json` of the reference folder holds what the API of a gateway or bill of that
`name` answered: LiteLLM's `/key/list` (full objects) and `/team/list`, OpenAI's
`…/spend_limit` and `…/spend_alerts`, those of a project below `projects/<id>/`, Anthropic's
`/v1/organizations/spend_limits`. Of all that is in an answer only ids, names and limits are read.
"""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import pyarrow as pa

from ingestion.contracts import MONEY, SCALE
from ingestion.secret_forms import without_secrets
from ingestion.storage.objects import Storage
from ingestion.workspace.settings import Workspace

FOLDER: Final = "limits"
GATEWAY: Final = "gateway"
PROVIDER: Final = "provider"
# A row of the source itself: its limits were read, though it may have none.
SOURCE: Final = "source"
STANDING_LIMITS: Final = pa.schema(
    [
        *((name, pa.string()) for name in ("source", "kind", "provider", "scope", "scope_id")),
        ("alias", pa.string()),
        ("soft_limit", MONEY),
        ("hard_limit", MONEY),
    ]
)
# A month, as LiteLLM says it; a limit of another time is none of the month.
MONTHLY: Final = ("1mo", "30d", "monthly")
_FILE: Final = re.compile(rf"{FOLDER}/(?P<source>[^/]+)/(?P<path>.+)\.json")
_PROJECT: Final = re.compile(r"(?:^|/)projects/([^/]+)/")
# (scope, id, alias, soft, hard)
Limit = tuple[str, str, str | None, Decimal | None, Decimal | None]
Answer = Mapping[str, Any]


def standing_limits(workspace: Workspace, storage: Storage) -> tuple[pa.Table, list[str]]:
    """One row per limit and per source that was read, and what is wrong with the files."""
    sources = _sources(workspace)
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    problems: list[str] = []
    for info in storage.list(may_be_missing=True):
        if not (match := _FILE.fullmatch(info.name)):
            continue
        place = f"{storage.location}/{info.name}"
        if match["source"] not in sources:
            known = ", ".join(sorted(sources)) or "none"
            problems.append(
                f"{place}: `{match['source']}` is no gateway or bill whose limits are read: known"
                f" are {known}"
            )
            continue
        form, owner = sources[match["source"]]
        try:
            answer = json.loads(storage.get(info.name).data, parse_float=Decimal)
            read = list(_READERS[form](answer, match["path"]))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            what = " ".join(str(error).split())[:80]
            problems.append(f"{place}: is no answer of {form}'s limits ({what}): save it again")
            continue
        for limit in [(SOURCE, match["source"], None, None, None), *read]:
            _add(rows, match["source"], owner, limit)
    table = pa.Table.from_pylist([rows[key] for key in sorted(rows)], schema=STANDING_LIMITS)
    return table, problems


def _sources(workspace: Workspace) -> dict[str, tuple[str, str | None]]:
    """Source -> its format, and the provider whose bill it is."""
    found: dict[str, tuple[str, str | None]] = {
        gateway.name: (gateway.format, None)
        for gateway in workspace.gateways
        if gateway.format == "litellm"
    }
    return found | {
        bill.name: (bill.format, bill.format)
        for bill in workspace.bills
        if bill.format in ("openai", "anthropic")
    }


def _add(
    rows: dict[tuple[str, str, str], dict[str, Any]],
    source: str,
    provider: str | None,
    limit: Limit,
) -> None:
    """Of several files that tell of one, as alerts and the limit of a project, what each says."""
    scope, scope_id, alias, soft, hard = limit
    own = provider if scope == PROVIDER and provider else without_secrets(scope_id)
    row = rows.setdefault(
        (source, scope, own),
        {
            "source": source,
            "kind": PROVIDER if provider else GATEWAY,
            "provider": provider,
            "scope": scope,
            "scope_id": own,
            "alias": alias,
        },
    )
    for name, amount in (("soft_limit", soft), ("hard_limit", hard)):
        if amount is not None:
            row[name] = min(amount, row.get(name, amount))


def _litellm(answer: Any, _path: str) -> Iterator[Limit]:
    """A page of `/key/list`, a `/team/list`, or a single object of either."""
    if isinstance(answer, Mapping):
        entries = answer.get("keys") or answer.get("teams") or [answer]
    else:
        entries = answer
    for entry in entries:
        scope, names = (
            ("credential", ("token", "key_alias"))
            if "token" in entry
            else ("team", ("team_id", "team_alias"))
        )
        table = entry.get("litellm_budget_table") or {}
        monthly = (entry.get("budget_duration") or table.get("budget_duration")) in MONTHLY
        soft, hard = (
            _money(entry.get(name) if entry.get(name) is not None else table.get(name))
            for name in ("soft_budget", "max_budget")
        )
        scope_id, alias = (entry.get(name) for name in names)
        yield scope, str(scope_id), alias, soft, hard if monthly else None


def _openai(answer: Answer, path: str) -> Iterator[Limit]:
    """A spend limit, or a list of spend alerts, of the organisation or of the project in `path`."""
    found = _PROJECT.search(f"{path}/")
    scope, scope_id = ("sub_account", found[1]) if found else (PROVIDER, "openai")
    if "data" in answer:
        alerts = [_cents(alert["threshold_amount"]) for alert in answer["data"]]
        yield scope, scope_id, None, min(alerts, default=None), None
    else:
        yield scope, scope_id, None, None, _cents(answer["threshold_amount"])


def _anthropic(answer: Answer, _path: str) -> Iterator[Limit]:
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
        yield scope, scope_id, None, None, None if amount is None else _cents(amount)


_READERS: Final = {"litellm": _litellm, "openai": _openai, "anthropic": _anthropic}


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
