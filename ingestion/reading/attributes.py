"""Evidence of who caused a request: tags, metadata and headers.

Readers gather all of it; `landed` leaves in clear what somebody named, and of the rest the path and
a keyed hash of a short value. No text lands, and no secret.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import msgspec

from ingestion.reading.tags import DEEPEST, LONGEST, tags_of
from ingestion.secret_forms import LONGEST_NAME, without_logins
from ingestion.workspace.named_places import OTHER, NamedPlaces, safe_place, value_hmac

MOST_WORDS: Final = 5  # of a tag that nothing in tollbook.yaml names
MOST: Final = 200  # places of one record; beyond them one path, `*`, stands for all
# What every HTTP client sends by itself.
HTTP_HEADERS: Final = frozenset(
    (
        *("accept", "accept-encoding", "accept-language", "connection", "content-length"),
        *("content-type", "host", "user-agent", "traceparent", "tracestate"),
    )
)
_ENCODER: Final = msgspec.json.Encoder(order="sorted")

Scalar = str | int | float | bool


@dataclass(slots=True)
class Evidence:
    """All that a record says, under lower-case names. A value that is no scalar is None.

    `mapped`: the places that a person has given a column of their own.
    """

    tags: dict[str, Any] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, Any] = field(default_factory=dict)
    mapped: frozenset[str] = frozenset()
    # what lands of it, and of whose names
    _landed: tuple[NamedPlaces, str, str | None] | None = None

    def landed(self, named: NamedPlaces) -> tuple[str, str | None]:
        """`attributes` and `unnamed_attributes` of the contract, compact JSON with sorted keys."""
        if self._landed is None or self._landed[0] is not named:
            self._landed = (named, *self._made(named))
        return self._landed[1:]

    def _made(self, named: NamedPlaces) -> tuple[str, str | None]:
        unnamed: dict[str, str | None] = {}
        labels = [label for label in self.labels if _is_word(label) and len(label) <= LONGEST]
        if len(labels[:MOST]) < len(self.labels):
            unnamed[f"tag:{OTHER}"] = None
        groups = {
            "tags": self._named("tag", self.tags, named, unnamed),
            "labels": [without_logins(label) for label in labels[:MOST]],
            "metadata": self._named("metadata", self.metadata, named, unnamed),
            "headers": self._named("header", self.headers, named, unnamed),
        }
        clear = _ENCODER.encode({name: group for name, group in groups.items() if group}).decode()
        return clear, _ENCODER.encode(_bounded(unnamed)).decode() if unnamed else None

    def _named(
        self,
        kind: str,
        said: Mapping[str, Any],
        named: NamedPlaces,
        unnamed: dict[str, str | None],
    ) -> dict[str, Scalar]:
        clear: dict[str, Scalar] = {}
        for name, value in said.items():
            place = f"{kind}:{name}"
            lands = self._lands(kind, name, value, named)
            if lands and len(clear) < MOST and (scalar := _clear(value)) is not None:
                clear[name] = scalar
            elif value is None or not _is_blank(value):
                unnamed[safe_place(place)] = _hashed(value, named)
        return clear

    def _lands(self, kind: str, name: str, value: Any, named: NamedPlaces) -> bool:
        place = f"{kind}:{name}"
        if place in self.mapped or named.says(place) or named.covers(place):
            return True
        # tags are written to be read; but a sentence is a text
        return kind == "tag" and safe_place(place) == place and _is_name(value)


def attributes(
    tags: Mapping[str, Any],
    labels: list[str],
    metadata: Mapping[str, Any],
    headers: Mapping[str, Any],
    *,
    mapped: frozenset[str] = frozenset(),
) -> Evidence:
    """What a reader hands over as a row's `attributes`; the border of the readers lands it."""
    return Evidence(dict(tags), labels, dict(metadata), dict(headers), mapped)


def flatten(*sources: Any, leave_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Values by lower-case dotted path, None for what is no scalar.

    Of equal paths the first source that says something.
    """
    flat: dict[str, Any] = {}
    for source in sources:
        if isinstance(source, dict):
            for path, value in _values(source, "", leave_out, DEEPEST):
                if flat.get(path) is None:
                    flat[path] = value
    return flat


def _values(
    source: Mapping[str, Any], prefix: str, leave_out: frozenset[str], depth: int
) -> Iterator[tuple[str, Any]]:
    for key, value in source.items():
        name = key.lower()
        if name in leave_out or value is None or _is_blank(value):
            continue
        if isinstance(value, dict) and depth:
            yield from _values(value, f"{prefix}{name}.", frozenset(), depth - 1)
        elif isinstance(value, list):
            yield from _listed(value, prefix + name)
        else:
            yield prefix + name, value if _is_scalar(value) else None


def _listed(values: list[Any], path: str) -> Iterator[tuple[str, Any]]:
    """Of a list its first scalar, and what its objects with a key and a value say."""
    yield path, next((v for v in values if _is_scalar(v) and not _is_blank(v)), None)
    for key, value in tags_of([entry for entry in values if isinstance(entry, dict)]):
        yield f"{path}.{key}", value


def plain_headers(headers: Any) -> dict[str, Any]:
    """Headers by lower-case name, None for what is no text."""
    if not isinstance(headers, dict):
        return {}
    return {
        name.lower(): value if isinstance(value, str) else None for name, value in headers.items()
    }


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _is_blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def _is_name(value: Any) -> bool:
    return not isinstance(value, str) or len(value.split()) <= MOST_WORDS


def _is_word(value: Any) -> bool:
    """Without white space: no text."""
    return not isinstance(value, str) or not any(map(str.isspace, value.strip()))


def _clear(value: Any) -> Scalar | None:
    """The value as it lands, None for a text."""
    if not isinstance(value, str):
        return value if _is_scalar(value) else None
    longest = LONGEST if _is_word(value) else LONGEST_NAME
    if len(value) > longest or not value.strip():
        return None
    return without_logins(value)


def _hashed(value: Any, named: NamedPlaces) -> str | None:
    if not _is_scalar(value):
        return None
    text = value if isinstance(value, str) else _ENCODER.encode(value).decode()
    return _word_hmac(named.key, text)


_word_hmac = lru_cache(maxsize=65_536)(value_hmac)


def _bounded(unnamed: dict[str, str | None]) -> dict[str, str | None]:
    if len(unnamed) <= MOST:
        return unnamed
    kept = sorted(unnamed)[:MOST]
    return {place: unnamed[place] for place in kept} | {OTHER: None}
