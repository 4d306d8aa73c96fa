"""Checked values out of one mapping of `tollbook.yaml`; every problem is noted with its line."""

import re
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml

from ingestion.workspace.addresses import address_problem
from ingestion.workspace.attribution import DEFAULT_PLACES, key_problem, place_problem
from ingestion.workspace.locations import LocationError, resolve_location, resolve_path
from ingestion.workspace.marked_yaml import MarkedYaml, is_empty
from ingestion.workspace.named_places import KINDS

SECRET_KEY: Final = re.compile(r"(^|_)(key|token|secret|password|salt)$")
SECRET_VALUE: Final = re.compile(r"^(sk-|Bearer )")
FROM_ENVIRONMENT: Final = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")


class Entries:
    """The `key: value` lines of one mapping, called `what` in messages."""

    def __init__(
        self, document: MarkedYaml, node: yaml.Node, what: str, known: Collection[str] | None = None
    ) -> None:
        self.document = document
        self.node = node
        self.what = what
        self.nodes = document.mapping(node, what, known)
        self.folder: Path = document.file.resolve().parent

    def given(self, key: str) -> bool:
        return key in self.nodes and not is_empty(self.nodes[key])

    def where(self, key: str) -> yaml.Node:
        return self.nodes.get(key, self.node)

    def problem(self, key: str, what: str) -> None:
        self.document.problem(self.where(key), what)

    def text(self, key: str, default: str | None = None) -> str:
        """The text of `key`; without a default it is required. "" stands for a noted problem."""
        if not self.given(key):
            if default is None:
                self.problem(key, f"{self.what} needs `{key}`: add it")
            return default or ""
        return self.document.text(self.nodes[key], f"`{key}`") or ""

    def matching(self, key: str, pattern: str, advice: str, default: str | None = None) -> str:
        text = self.text(key, default)
        if text and not re.fullmatch(pattern, text):
            self.problem(key, f"`{key}: {text}`: {advice}")
        return text

    def choice(
        self,
        key: str,
        allowed: tuple[str, ...],
        default: str | None = None,
        not_yet: Mapping[str, str] = MappingProxyType({}),
    ) -> str:
        """`not_yet`: words that will be allowed -> what to use meanwhile."""
        text = self.text(key, default)
        if text and text not in allowed:
            meanwhile = not_yet.get(text)
            what = f"not yet read: {meanwhile}" if meanwhile else f"not one of {', '.join(allowed)}"
            self.problem(key, f"`{key}: {text}` is {what}")
        return text

    def address(self, key: str) -> str:
        """An http(s) address without a user, query or secret."""
        text = self.text(key)
        if text and (problem := address_problem(text, "https", "http")):
            self.problem(key, f"`{key}` {problem}")
        return text

    def location(self, key: str, default: str | None = None) -> str:
        text = self.text(key, default)
        try:
            return resolve_location(text, self.folder)
        except LocationError as error:
            self.problem(key, f"{key}: {error}")
            return ""

    def local_path(self, key: str, default: str) -> Path:
        try:
            return resolve_path(self.text(key, default), self.folder)
        except LocationError as error:
            self.problem(key, f"{key}: {error}, s3:// is not possible here")
            return self.folder

    def day(self, key: str) -> date | None:
        if not self.given(key):
            return None
        text = self.text(key)
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.problem(key, f"`{key}: {text}` is not a date: write it as 2026-09-01")
            return None

    def number(self, key: str, default: int, unit: str, *, least: int = 1) -> int:
        """A whole number of something, at least one, or none where that is said."""
        text = self.text(key, str(default))
        if re.fullmatch("0|[1-9][0-9]{0,8}", text) and int(text) >= least:
            return int(text)
        if text:
            self.problem(key, f"`{key}: {text}` is not a number of {unit}: write {least} or more")
        return default

    def percent(self, key: str, default: str) -> Decimal:
        text = self.text(key, default)
        if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", text) and Decimal(text) <= 100:
            return Decimal(text)
        if text:
            self.problem(key, f"`{key}: {text}` is not a percentage: write 0 to 100, as in 0.5")
        return Decimal(default)

    def amount(self, key: str, default: str) -> Decimal:
        """Money of the reporting currency, not negative."""
        text = self.text(key, default)
        if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", text):
            return Decimal(text)
        if text:
            self.problem(key, f"`{key}: {text}` is not an amount: write it as 1.00")
        return Decimal(default)

    def secret(self, key: str) -> str:
        """Name of the environment variable that `env:NAME` names; a literal is refused."""
        text = self.text(key)
        match = FROM_ENVIRONMENT.fullmatch(text)
        if text and not match:
            # the value itself is not repeated: it may be the secret
            self.problem(key, f"`{key}` must be `env:NAME`: secrets are read from the environment")
        return match[1] if match else ""

    def options(self, named: Collection[str], known: Collection[str] | None) -> dict[str, Any]:
        """What stands beyond the `named` keys, as plain values; must be `known` to the format.

        `known` is None where the format itself is wrong: then only that is a problem.
        """
        options: dict[str, Any] = {}
        for key, node in self.nodes.items():
            if key in named:
                continue
            if known is None:
                continue
            if key not in known:
                expected = ", ".join(sorted({*named, *known}))
                self.document.problem(
                    node, f"unknown key `{key}` in {self.what}: known are {expected}"
                )
                continue
            value = self.document.plain(node)
            if SECRET_KEY.search(key) or (isinstance(value, str) and SECRET_VALUE.match(value)):
                self.secret(key)
            options[key] = value
        return options


def read_attribution(document: MarkedYaml, node: yaml.Node | None) -> dict[str, tuple[str, ...]]:
    """Dimension -> places; a dimension that is not given keeps its default places."""
    places = dict(DEFAULT_PLACES)
    if node is None or is_empty(node):
        return places
    for dimension, value in document.mapping(node, "`attribution`", tuple(DEFAULT_PLACES)).items():
        found: list[str] = []
        for item in document.items(value, f"attribution of `{dimension}`"):
            place = document.text(item, f"a place of `{dimension}`")
            if place is None:
                continue
            if problem := place_problem(dimension, place):
                document.problem(item, f"attribution of `{dimension}`: {problem}")
            found.append(place)
        places[dimension] = tuple(found)
    return places


def read_attributes(top: Entries) -> tuple[str, ...]:
    """`attributes`: globs of metadata and headers that may land beside those that something reads.

    A name without a kind is that of metadata and of a header.
    """
    if not top.given("attributes"):
        return ()
    places: list[str] = []
    for item in top.document.items(top.nodes["attributes"], "`attributes`"):
        text = (top.document.text(item, "a place of `attributes`") or "").strip().lower()
        kind, separator, key = text.partition(":")
        if not separator:
            places += [f"metadata:{text}", f"header:{text}"] if text else []
        elif kind not in KINDS or not key.strip():
            advice = "write metadata:<path> or header:<name>, in which `*` is any text"
            top.document.problem(item, f"`attributes`: `{text}`: {advice}")
        elif key.strip() != "*" and (problem := key_problem(key)):
            top.document.problem(item, f"`attributes`: `{text}`: {problem}")
        else:
            places.append(f"{kind}:{key.strip()}")
    return tuple(places)
