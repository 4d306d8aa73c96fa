"""Limits that stand at gateways and providers: answers of their APIs below `limits/`.

`limits/<source>/…json` of the reference folder holds what the API of a gateway or bill of that
`name` answered: saved by hand, or by a run into `limits/<source>/pulled/` (pulling.py), which then
stands alone. What an API did not answer is not known, and not known is not unset.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

from ingestion.contracts import MONEY
from ingestion.reference.limits.answers import PROVIDER, Limit, NoAnswer, read_answers
from ingestion.secret_forms import without_secrets
from ingestion.storage.objects import Storage
from ingestion.workspace.formats import BILLS, GATEWAYS, bill_provider
from ingestion.workspace.settings import Workspace

FOLDER: Final = "limits"
PULLED: Final = "pulled"
# In place of answers: why there are none.
NOT_KNOWN: Final = f"{PULLED}/not_known"
GATEWAY: Final = "gateway"
# A row of the source itself: its limits were read, though it may have none, or are not known.
SOURCE: Final = "source"
STANDING_LIMITS: Final = pa.schema(
    [
        *((name, pa.string()) for name in ("source", "kind", "provider", "scope", "scope_id")),
        ("alias", pa.string()),
        ("soft_limit", MONEY),
        ("hard_limit", MONEY),
        ("not_known_because", pa.string()),
    ]
)
_FILE: Final = re.compile(rf"{FOLDER}/(?P<source>[^/]+)/(?P<path>.+)\.json")


@dataclass(frozen=True, slots=True)
class LimitSource:
    """`system`: who says limits as it does; `provider`: whose bill it is, None of a gateway."""

    system: str
    provider: str | None
    is_pulled: bool


@dataclass(slots=True)
class Standing:
    """One row per limit and per source that was read, what is wrong with the files, and which of
    them are left out.
    """

    table: pa.Table
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def limit_sources(workspace: Workspace) -> dict[str, LimitSource]:
    return {
        gateway.name: LimitSource(system, None, gateway.limits_api is not None)
        for gateway in workspace.gateways
        if (system := GATEWAYS[gateway.format].limits)
    } | {
        bill.name: LimitSource(system, bill_provider(bill), bill.limits_api is not None)
        for bill in workspace.bills
        if (system := BILLS[bill.format].limits)
    }


def standing_limits(workspace: Workspace, storage: Storage) -> Standing:
    sources = limit_sources(workspace)
    found = Standing(STANDING_LIMITS.empty_table())
    answers = _answers(storage, sources, found)
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for name, source in sources.items():
        said = answers.get(name, {})
        if not said and not source.is_pulled:
            continue
        why = _not_known(source, said)
        try:
            limits = [] if why else read_answers(source.system, said)
        except NoAnswer as error:
            place = f"{storage.location}/{FOLDER}/{name}/{error.path}.json"
            found.problems.append(_no_answer(place, source, str(error)))
            continue
        for limit in [Limit(SOURCE, name), *limits]:
            _add(rows, name, source.provider, limit)
        rows[(name, SOURCE, name)]["not_known_because"] = why
    found.problems.sort()
    found.table = pa.Table.from_pylist([rows[key] for key in sorted(rows)], schema=STANDING_LIMITS)
    return found


def _answers(
    storage: Storage, sources: Mapping[str, LimitSource], found: Standing
) -> dict[str, dict[str, Any]]:
    """Source -> path of a file -> what it says."""
    answers: dict[str, dict[str, Any]] = {}
    left_out: dict[str, list[str]] = {}
    for info in storage.list(may_be_missing=True):
        if not (match := _FILE.fullmatch(info.name)):
            continue
        name, path = match["source"], match["path"]
        place = f"{storage.location}/{info.name}"
        if name not in sources:
            found.problems.append(_unknown(place, name, sources))
        elif path.startswith(f"{PULLED}/") != sources[name].is_pulled:
            left_out.setdefault(name, []).append(place)
        else:
            try:
                said = json.loads(storage.get(info.name).data, parse_float=Decimal)
            except (ValueError, RecursionError) as error:
                what = " ".join(str(error).split())[:80]
                found.problems.append(_no_answer(place, sources[name], what))
            else:
                answers.setdefault(name, {})[path] = said
    found.warnings += [_left_out(name, places, sources) for name, places in left_out.items()]
    return answers


def _not_known(source: LimitSource, said: Mapping[str, Any]) -> str | None:
    if not said:
        return "no run has asked for them yet"
    if (why := said.get(NOT_KNOWN)) is not None:
        return str(why.get("why") if isinstance(why, Mapping) else why)
    return None


def _unknown(place: str, name: str, sources: Mapping[str, LimitSource]) -> str:
    known = ", ".join(sorted(sources)) or "none"
    return f"{place}: `{name}` is no gateway or bill whose limits are read: known are {known}"


def _no_answer(place: str, source: LimitSource, what: str) -> str:
    return f"{place}: is no answer of {source.system}'s limits ({what}): save it again"


def _left_out(name: str, places: Sequence[str], sources: Mapping[str, LimitSource]) -> str:
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    why = (
        "its `limits_api` says what stands: remove what was saved by hand"
        if sources[name].is_pulled
        else "it has no `limits_api` any more: remove what was pulled"
    )
    return f"limits of {name}: {places[0]}{more} is left out: {why}"


def _add(
    rows: dict[tuple[str, str, str], dict[str, Any]],
    source: str,
    provider: str | None,
    limit: Limit,
) -> None:
    """Of several files that tell of one, as alerts and the limit of a project, what each says."""
    own = provider if limit.scope == PROVIDER and provider else without_secrets(limit.scope_id)
    row = rows.setdefault(
        (source, limit.scope, own),
        {
            "source": source,
            "kind": PROVIDER if provider else GATEWAY,
            "provider": provider,
            "scope": limit.scope,
            "scope_id": own,
            "alias": limit.alias,
        },
    )
    for name, amount in (("soft_limit", limit.soft), ("hard_limit", limit.hard)):
        if amount is not None:
            row[name] = min(amount, row.get(name, amount))
