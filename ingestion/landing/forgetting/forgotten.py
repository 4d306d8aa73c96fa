"""People whose id no file of the landing may hold: `.forgotten.json` beside the landing's key.

It has no id: of each a hash under the key, by which an object that is read again loses it anew, and
the name that stands in its place. The name is random and the person's own, so that requests stay
told apart as they were: no count and no sum changes. A person who is waiting has a name and is in
the landing still: what a person wrote may have to say the name first.
"""

import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import msgspec
import pyarrow as pa

from ingestion.landing.key import landing_key
from ingestion.records import MissingObject, SourceError
from ingestion.storage.objects import Storage
from ingestion.workspace.named_places import HMAC, key_id, value_hmac

NAME: Final = ".forgotten.json"
STANDS_FOR: Final = "forgotten-"
# Tags of both forms: what stands behind may be an id, too.
PARTS: Final = re.compile(r"[:=]")
# Columns of JSON. A row's content hash is of the record as it was read.
JSON: Final = ("attributes", "unnamed_attributes", "raw_usage", "raw_row")
# A text of JSON as it is written: all between two of them stays as it is, numbers above all.
TEXT: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
KNOWN: Final = 65_536


class Person(msgspec.Struct, frozen=True):
    """`id_hash` is of the id as it is written; `word_hash` as `unnamed_attributes` has it."""

    id_hash: str
    name: str
    word_hash: str | None = None
    waiting: bool = False


class Written(msgspec.Struct, frozen=True):
    """The file; `key` tells of which key the hashes are."""

    key: str
    people: list[Person]


@dataclass
class Forgotten:
    key: bytes = field(default=b"", repr=False)
    people: Mapping[str, Person] = field(default_factory=dict)  # id_hash -> person
    waiting: Mapping[str, Person] = field(default_factory=dict)
    _known: dict[str, str] = field(default_factory=dict, repr=False)

    def name_of(self, user: str) -> str | None:
        """What stands for a person who is forgotten."""
        person = self.people.get(_hash(self.key, user))
        return person.name if person else None

    def without(self, rows: pa.Table) -> pa.Table:
        """The rows with the names of people in place of their ids; the same rows if none is."""
        if not self.people:
            return rows
        for place, column in enumerate(rows.schema):
            if column.type != pa.string():
                continue
            replace = self._in_json if column.name in JSON else self._said
            held = rows.column(place).combine_chunks().dictionary_encode()
            before = held.dictionary.to_pylist()
            after = [replace(text) for text in before]
            if after != before:
                changed = pa.array(after, pa.string()).take(held.indices)
                rows = rows.set_column(place, column, changed)
        return rows

    def _said(self, text: str) -> str:
        if text not in self._known:
            if len(self._known) >= KNOWN:
                self._known.clear()
            self._known[text] = self._replaced(text)
        return self._known[text]

    def _replaced(self, text: str) -> str:
        if name := self.name_of(text):
            return name
        if found := PARTS.search(text):
            behind = text[found.end() :]
            user = behind.strip()
            if name := self.name_of(user):
                return f"{text[: found.end()]}{behind.replace(user, name)}"
        return text

    def _in_json(self, text: str) -> str:
        """Names of fields are texts, too."""
        after = TEXT.sub(self._in_quotes, text)
        return self._said(text) if after == text else after

    def _in_quotes(self, found: re.Match[str]) -> str:
        try:
            said = json.loads(found[0])
        except ValueError:
            return found[0]
        after = self._words.get(said) or self._said(said)
        return found[0] if after == said else json.dumps(after, ensure_ascii=False)

    @cached_property
    def _words(self) -> Mapping[str, str]:
        """Hash of an id -> hash of its name, by which a rule finds it as it found the id."""
        return {
            each.word_hash: value_hmac(self.key, each.name) or HMAC
            for each in self.people.values()
            if each.word_hash
        }


def read_forgotten(landing: Storage) -> Forgotten:
    """Of a landing; raises SourceError where its list is there and cannot be read."""
    try:
        data = landing.get(NAME).data
    except MissingObject:
        return Forgotten()
    key = landing_key(landing, make=False)
    try:
        written = msgspec.json.decode(data, type=Written)
    except msgspec.DecodeError as error:
        raise _unusable(landing, "is no list of people who are forgotten") from error
    if written.key != key_id(key):
        raise _unusable(landing, "is of another key than .attributes.key beside it")
    by_hash = {each.id_hash: each for each in written.people}
    waiting = {id_hash: each for id_hash, each in by_hash.items() if each.waiting}
    return Forgotten(key, {k: v for k, v in by_hash.items() if k not in waiting}, waiting)


def add_forgotten(landing: Storage, user: str) -> Forgotten:
    """With this person, who may be there already."""
    known, key = read_forgotten(landing), landing_key(landing)
    if known.name_of(user):
        return known
    person = known.waiting.get(_hash(key, user)) or _person(key, user)
    people = {**known.people, person.id_hash: msgspec.structs.replace(person, waiting=False)}
    waiting = {each: known.waiting[each] for each in known.waiting if each != person.id_hash}
    _write(landing, key, people, waiting)
    return Forgotten(key, people, waiting)


def name_to_come(landing: Storage, user: str) -> str:
    """The name that will stand for a person; who is not forgotten yet waits for it."""
    known, key = read_forgotten(landing), landing_key(landing)
    id_hash = _hash(key, user)
    person = known.people.get(id_hash) or known.waiting.get(id_hash)
    if person is None:
        person = msgspec.structs.replace(_person(key, user), waiting=True)
        _write(landing, key, known.people, {**known.waiting, id_hash: person})
    return person.name


def only(landing: Storage, user: str) -> Forgotten:
    """As a list of this person alone would be; written nowhere."""
    key = landing_key(landing, make=False)
    person = _person(key, user)
    return Forgotten(key, {person.id_hash: person})


def _write(
    landing: Storage, key: bytes, people: Mapping[str, Person], waiting: Mapping[str, Person]
) -> None:
    written = Written(key_id(key), [*people.values(), *waiting.values()])
    landing.put(NAME, msgspec.json.format(msgspec.json.encode(written), indent=1))


def _unusable(landing: Storage, what: str) -> SourceError:
    return SourceError(
        f"{landing.location}/{NAME}: {what}: restore both from one backup of the landing, or remove"
        " this file and forget each of its people again: until then they would come back"
    )


def _person(key: bytes, user: str) -> Person:
    name = f"{STANDS_FOR}{secrets.token_hex(8)}"
    return Person(_hash(key, user), name, value_hmac(key, user))


def _hash(key: bytes, user: str) -> str:
    data = f"forgotten\0{user}".encode(errors="surrogatepass")
    return hmac.digest(key, data, "sha256").hex()
