"""Tags in every shape that callers write them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from ingestion.secret_forms import without_tokens

LONGEST: Final = 256  # characters of a tag's text, or of one value
DEEPEST: Final = 8
SEPARATOR: Final = re.compile(r"[:=]")
# LiteLLM adds these itself.
AUTO_TAGS: Final = frozenset(("user-agent", "credential"))
# Names under which callers put a list of tags into metadata.
TAG_NAMES: Final = frozenset(("tags", "labels", "request_tags"))
# One tag as an object: the fields that hold its key and its value.
PAIRS: Final = (("key", "value"), ("name", "value"))
_JSON: Final = msgspec.json.Decoder(Any)

# A key and what it says; without a key the tag is a label
Tag = tuple[str | None, str]


def split_tags(*places: Any) -> tuple[dict[str, str], list[str]]:
    """Tags by lower-case key, and labels, the tags without one.

    A place holds a list of texts (`key:value`, `key=value` or a label) or of objects with `key` or
    `name` and `value`, a map, a text of tags with commas between them, or any of these as JSON.
    Of tags that name one key the first wins, in the order of the places; an empty one says nothing.
    """
    tags: dict[str, str] = {}
    labels: list[str] = []
    for place in places:
        for key, value in tags_of(place):
            if key is None:
                if value not in labels:
                    labels.append(value)
            elif key not in AUTO_TAGS:
                tags.setdefault(key, value)
    return tags, labels


def tags_of(place: Any) -> Iterator[Tag]:
    """The tags of one place, in its order; what is none is passed over."""
    if isinstance(place, str):
        held = json_value(place)
        if held is not None:
            yield from tags_of(held)
            return
        for text in place.split(","):
            yield from _of_text(text)
    elif isinstance(place, list):
        for entry in place:
            yield from _of_text(entry) if isinstance(entry, str) else _of_map(entry)
    else:
        yield from _of_map(place)


def tag_places(metadata: Any, depth: int = DEEPEST) -> Iterator[Any]:
    """What stands in metadata under a name of TAG_NAMES, the outer ones first."""
    if not isinstance(metadata, dict):
        return
    for name, value in metadata.items():
        if name.lower() in TAG_NAMES:
            yield value
    if not depth:
        return
    for name, value in metadata.items():
        if name.lower() not in TAG_NAMES:
            yield from tag_places(value, depth - 1)


def json_value(text: str) -> Any:
    """The list or object that a text holds as JSON; None where it holds none."""
    if not text.lstrip().startswith(("[", "{")):
        return None
    try:
        return _JSON.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return None


def scalar_text(value: Any) -> str | None:
    """How a value is compared: as JSON spells it. None for what is no short scalar."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.strip() if len(value) <= LONGEST else None
    return str(value) if isinstance(value, int | float) else None


def _of_text(text: str) -> Iterator[Tag]:
    if len(text) > LONGEST or not text.strip():
        return
    # before it is cut: a separator stands in secrets, too
    key, *value = SEPARATOR.split(without_tokens(text), maxsplit=1)
    if not value or not key.strip():
        yield None, without_tokens(text.strip())
    elif value[0].strip():
        yield key.strip().lower(), value[0].strip()


def _of_map(entry: Any) -> Iterator[Tag]:
    if not isinstance(entry, Mapping):
        return
    entries = {name.strip().lower(): value for name, value in entry.items()}
    for names in PAIRS:
        if set(entries) == set(names):
            entries = {(scalar_text(entries[names[0]]) or "").lower(): entries[names[1]]}
            break
    for key, values in entries.items():
        for value in values if isinstance(values, list) else (values,):
            said = scalar_text(value)
            if key and len(key) <= LONGEST and said:
                yield key, said
