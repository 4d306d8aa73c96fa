"""Which attributes of a record land in clear, and what stands for the others.

Named are the places of `attribution`, those that attribution_rules.csv matches on, those of
`attributes:` in tollbook.yaml (globs) and the contract's own. Of any other metadata or header only
its path lands, with an HMAC of a short value: a rule written later finds it by literal value.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Final

from ingestion.secret_forms import without_logins
from ingestion.workspace.attribution import DEFAULT_PLACES

KINDS: Final = ("tag", "metadata", "header")
# What the contract itself reads of a caller's metadata.
CONTRACT: Final = ("metadata:prompt_version",)
# Under these names a glob lands nothing: `metadata:*` is no choice to land prompts and keys.
SECRET_NAME: Final = re.compile(
    r"authorization|cookie|secret|passw|credential|token$|api[-_]?key|^auth$"
)
SECRET_HEADER: Final = re.compile(r"key|token|auth|cookie|secret|passw|credential|signature")
TEXT_NAME: Final = re.compile(
    r"prompt(?!_version|_id|_name)|messag|instruction|history|conversation|transcript"
    r"|(?:^|[_-])(?:content|input|output|response|completion|text|body|query|question|answer)s?"
    r"(?:$|[_-])"
)
# A part of a path that is a name; anything else may be a text, or a secret.
PART: Final = re.compile(r"[\w@/:+-]{1,64}")
OTHER: Final = "*"
HMAC: Final = "hmac:"
LONGEST_HMAC: Final = 64  # characters of a value that gets one
DIGITS: Final = 32


def attribution_places(attribution: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Those of a workspace's `attribution` that a record's attributes can say."""
    places = {place.strip().lower() for places in attribution for place in places}
    return tuple(sorted(place for place in places if place.partition(":")[0] in KINDS))


BY_DEFAULT: Final = attribution_places(DEFAULT_PLACES.values())


@dataclass(frozen=True)
class NamedPlaces:
    """`places`: `metadata:<path>`, `header:<name>` and `tag:<key>` in lower case, globs allowed.

    `reference` is where attribution_rules.csv names more; `key` is that of the landing, empty where
    nothing lands: then no value has an HMAC.
    """

    places: tuple[str, ...] = BY_DEFAULT
    reference: str = ""
    key: bytes = field(default=b"", repr=False)
    # Of the places, those that only rules with literal values name: a hash is all that they need.
    literal_only: frozenset[str] = frozenset()

    def also(self, places: Mapping[str, bool]) -> "NamedPlaces":
        """With what rules name: place -> whether only by literal values."""
        known = set(self.places)
        only = frozenset(p for p, literal in places.items() if literal and p not in known)
        return replace(self, places=tuple(sorted(known | places.keys())), literal_only=only)

    def says(self, place: str) -> bool:
        """Named letter by letter: a person has chosen exactly this one."""
        return place in self._literals

    def covers(self, place: str) -> bool:
        """Named by a glob, and by its name neither a text nor a secret."""
        return (
            self._globs is not None
            and self._globs.fullmatch(place) is not None
            and safe_place(place) == place
            and not _may_hold_text(place)
        )

    @cached_property
    def decisive(self) -> tuple[str, ...]:
        """What decides which values land: a name that a glob covers adds nothing."""
        globs = {place for place in self.places if "*" in place}
        literals = {place for place in self._literals if not self.covers(place)}
        return (*sorted(globs), *sorted(literals), key_id(self.key))

    @cached_property
    def _literals(self) -> frozenset[str]:
        return frozenset((*CONTRACT, *(place for place in self.places if "*" not in place)))

    @cached_property
    def _globs(self) -> re.Pattern[str] | None:
        globs = [".*".join(map(re.escape, p.split("*"))) for p in self.places if "*" in p]
        return re.compile("|".join(globs), re.DOTALL) if globs else None


DEFAULT: Final = NamedPlaces()


@lru_cache(maxsize=65_536)
def safe_place(place: str) -> str:
    """A place whose parts are names: a caller may write a text, or a key, as a key of JSON too."""
    kind, _, path = place.partition(":")
    parts = [
        part if PART.fullmatch(part) and without_logins(part) == part else OTHER
        for part in path.split(".")
    ]
    return f"{kind}:{'.'.join(parts)}"


def _may_hold_text(place: str) -> bool:
    kind, _, path = place.partition(":")
    if kind == "header":
        return SECRET_HEADER.search(path) is not None
    return any(SECRET_NAME.search(part) or TEXT_NAME.search(part) for part in path.split("."))


def key_id(key: bytes) -> str:
    """Tells keys apart without telling the key."""
    return hashlib.sha256(b"id of " + key).hexdigest()[:16] if key else ""


def value_hmac(key: bytes, text: str) -> str | None:
    """`hmac:<hex>` of a short word in any case; None for a text, or where there is no key.

    A secret in it counts as the SHA-256 that stands for it everywhere.
    """
    word = text.strip()
    if not key or not word or len(word) > LONGEST_HMAC or any(map(str.isspace, word)):
        return None
    data = without_logins(word).lower().encode(errors="surrogatepass")
    return HMAC + hmac.digest(key, data, "sha256").hex()[:DIGITS]
