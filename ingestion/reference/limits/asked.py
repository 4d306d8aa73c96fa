"""What each system is asked for the limits that stand at it, page by page.

Of what it answers only the fields are kept that are read later: no spend, no address of a person,
and equal limits are equal files.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import msgspec

from ingestion.bills.pulling.reports import ANTHROPIC, OPENAI
from ingestion.pulling.answers import listed
from ingestion.pulling.fetching import Client, NotFound, Question, Words
from ingestion.pulling.limits import Limits
from ingestion.records import SourceError

Parameters = Sequence[tuple[str, str]]
# Fields of a page beside its list, its records, and its number -> what the next is asked with
Following = Callable[[Mapping[str, Any], list[dict[str, Any]], int], Parameters | None]
# (file, what is kept of an answer)
Asked = Iterator[tuple[str, Any]]

# Numbers stay as they are written.
_ANY: Final = msgspec.json.Decoder(float_hook=Decimal)
_OBJECT: Final = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")
_OF_A_PAGE: Final = "100"
_OF_LITELLM: Final = (
    *("token", "key_alias", "team_id", "team_alias", "budget_id"),
    *("max_budget", "soft_budget", "budget_duration", "budget_reset_at", "litellm_budget_table"),
)
_OF_OPENAI: Final = ("object", "currency", "interval", "threshold_amount")
_OF_ANTHROPIC: Final = ("amount", "currency", "is_enabled", "period", "scope")
_READS: Final = {"anthropic-beta": "spend-limit-reads-2026-09-26"}


@dataclass(frozen=True, slots=True)
class LimitsOf:
    base_url: Callable[[str], str]
    headers: Callable[[str], dict[str, str]]
    words: Words
    ask: Callable[["Asking"], Asked]


@dataclass(frozen=True, slots=True)
class Asking:
    client: Client
    limits: Limits

    def pages(
        self,
        path: str,
        name: str,
        following: Following,
        parameters: Parameters = (),
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[list[dict[str, Any]]]:
        """The records of each page; a page that was there before is an error, as is no end."""
        seen: set[bytes] = set()
        more: Parameters | None = ()
        for number in range(1, self.limits.most["max_pages"] + 2):
            self.limits.check_pages(path, number)
            question = Question(path, [*parameters, *(more or ())], dict(headers or {}))

            def understand(data: bytes) -> tuple[list[msgspec.Raw], Mapping[str, msgspec.Raw]]:
                return listed(data, path, name)

            _, (raw, beside) = self.client.ask(question, understand)
            mark = hashlib.sha256(b"\n".join(bytes(each) for each in raw)).digest()
            if mark in seen:
                raise SourceError(f"{path} gives the same page again and again: run again")
            seen.add(mark)
            records = [_record(each, path) for each in raw]
            yield records
            said = {key: _decoded(value) for key, value in beside.items() if key != name}
            more = following(said, records, number)
            if more is None:
                return

    def whole(self, path: str, name: str = "") -> list[dict[str, Any]]:
        """A list without pages."""
        return next(self.pages(path, name, lambda said, records, number: None))

    def one(self, path: str) -> dict[str, Any] | None:
        """An object; None where nothing is there."""
        try:
            return self.client.ask(Question(path), lambda data: _object(data, path))[1]
        except NotFound:
            return None


def _litellm(asking: Asking) -> Asked:
    """Budgets first: keys and teams name them."""
    yield "budgets", [kept(each, _OF_LITELLM) for each in asking.whole("budget/list")]
    yield "teams", [kept(each, _OF_LITELLM) for each in asking.whole("team/list")]
    total: list[int] = []

    def following(
        said: Mapping[str, Any], records: list[dict[str, Any]], number: int
    ) -> Parameters | None:
        total[:] = [said["total_count"]] if isinstance(said.get("total_count"), int) else []
        pages = said.get("total_pages")
        return [("page", str(number + 1))] if isinstance(pages, int) and number < pages else None

    keys: dict[str, dict[str, Any]] = {}
    parameters = (("return_full_object", "true"), ("size", _OF_A_PAGE))
    for records in asking.pages("key/list", "keys", following, parameters):
        keys |= {str(each.get("token")): kept(each, _OF_LITELLM) for each in records}
    if total and total[0] != len(keys):
        raise SourceError(
            f"key/list counts {total[0]} keys and lists {len(keys)}: run again later, with the key"
            " of an administrator"
        )
    yield "keys", {"keys": [keys[token] for token in sorted(keys)]}


def _openai(asking: Asking) -> Asked:
    """Alerts before the limit: who has no alert answers an empty list, who has no limit nothing."""
    yield from _openai_place(asking, "organization")
    for records in asking.pages("organization/projects", "data", _after_the_last, _HUNDRED):
        for record in records:
            project = str(record.get("id"))
            if not _ID.fullmatch(project):
                raise SourceError("organization/projects names a project without an id: run again")
            yield from _openai_place(asking, f"organization/projects/{project}")


def _openai_place(asking: Asking, place: str) -> Asked:
    alerts = [
        kept(each, _OF_OPENAI)
        for records in asking.pages(f"{place}/spend_alerts", "data", _after_the_last, _HUNDRED)
        for each in records
    ]
    yield f"{place}/spend_alerts", {"data": alerts}
    if (limit := asking.one(f"{place}/spend_limit")) is not None:
        yield f"{place}/spend_limit", kept(limit, _OF_OPENAI)


_HUNDRED: Final = (("limit", _OF_A_PAGE),)


def _after_the_last(
    said: Mapping[str, Any], records: list[dict[str, Any]], _: int
) -> Parameters | None:
    last = said.get("last_id") or (records[-1].get("id") if records else None)
    if not said.get("has_more"):
        return None
    if not last:
        raise SourceError("a page promises more but names no last id: run again")
    return [("after", str(last))]


def _anthropic(asking: Asking) -> Asked:
    def following(said: Mapping[str, Any], _: Any, __: int) -> Parameters | None:
        token = said.get("next_page")
        return [("page", str(token))] if token else None

    pages = asking.pages("organizations/spend_limits", "data", following, headers=_READS)
    limits = [kept(each, _OF_ANTHROPIC) for records in pages for each in records]
    yield "spend_limits", {"data": limits}


def kept(record: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    found = {name: record[name] for name in fields if record.get(name) is not None}
    if isinstance(table := found.get("litellm_budget_table"), Mapping):
        found["litellm_budget_table"] = kept(table, fields)
    return found


def _decoded(raw: msgspec.Raw) -> Any:
    try:
        return _ANY.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ArithmeticError):
        return None


def _record(raw: msgspec.Raw, path: str) -> dict[str, Any]:
    try:
        return _OBJECT.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ArithmeticError):
        raise SourceError(f"{path} lists what is no object: check base_url") from None


def _object(data: bytes, path: str) -> dict[str, Any]:
    try:
        return _OBJECT.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ArithmeticError):
        raise SourceError(f"{path} answered no object: check base_url") from None


def _as_written(url: str) -> str:
    return url.rstrip("/")


LIMITS_OF: Final[Mapping[str, LimitsOf]] = {
    "litellm": LimitsOf(
        _as_written,
        OPENAI.headers,
        Words("the key must be an administrator's of the proxy", "the proxy does not list them"),
        _litellm,
    ),
    "openai": LimitsOf(
        OPENAI.base_url,
        OPENAI.headers,
        Words("the key must be an admin key that may read limits", "the request was refused"),
        _openai,
    ),
    "anthropic": LimitsOf(
        ANTHROPIC.base_url,
        ANTHROPIC.headers,
        Words(
            "the key must be an admin key of an organisation that may list limits, which is an"
            " early access preview",
            "the request was refused",
        ),
        _anthropic,
    ),
}
