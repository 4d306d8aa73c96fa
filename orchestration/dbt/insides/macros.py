"""Macros that a build may call: dbt makes an object of each one there is, twice a node.

Of 700 macros 350 are dbt's own, most of them for commands and materializations that are not ours;
of all that are left a model calls some thirty.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

# What Python of dbt's adapters calls by name, and what it composes the name of.
_CALLED: Final = re.compile(r"[A-Z_]+_MACRO_NAME")
_COMPOSED: Final = "get_incremental_"
_PREFIX: Final = re.compile(r"^(default|duckdb)__")
_WORD: Final = re.compile(r"\w+")
# What a generic test is given calls it, and what a unit test is given becomes it.
_GIVEN: Final = ("get_where_subquery", "get_fixture_sql")


def needed_macros(manifest: Any) -> dict[str, Any]:
    """The project's own, those its nodes name, those dbt's Python calls, and what these call."""
    macros: Mapping[str, Any] = manifest.macros
    calls = Calls(macros)
    own = manifest.metadata.project_name
    kinds = {node.config.materialized for node in manifest.nodes.values()} | {"unit"}
    called = {*_called_by_python(), *calls.by_building(kinds)}
    called |= {macro.name for macro in macros.values() if macro.package_name == own}
    for node in (*manifest.nodes.values(), *manifest.unit_tests.values()):
        called |= {macros[key].name for key in node.depends_on.macros if key in macros}
    needed = calls.of(called)
    return {key: macro for key, macro in macros.items() if key in needed}


class Calls:
    """Which macros a text may call: those whose names stand in it, and what these may call."""

    def __init__(self, macros: Mapping[str, Any]) -> None:
        self._macros = macros
        self._packages = {macro.package_name for macro in macros.values()}
        # a macro that is dispatched has several names
        self._same: defaultdict[str, set[str]] = defaultdict(set)
        for key, macro in macros.items():
            self._same[macro.name].add(key)
            self._same[_PREFIX.sub("", macro.name)].add(key)
        self._named: dict[str, set[str]] = {}
        self._of_nodes: dict[frozenset[str], dict[str, dict[str, Any]]] = {}

    def of(self, names: Iterable[str]) -> set[str]:
        """Keys of the macros of these names and of all that they may call."""
        waiting, found = [key for name in names for key in self._same.get(name, ())], set[str]()
        while waiting:
            key = waiting.pop()
            if key not in found:
                found.add(key)
                waiting += self._named_in(key)
        return found

    def of_node(self, node: Any) -> Mapping[str, Mapping[str, Any]]:
        """Package -> name -> macro, of those that building a model or test may call."""
        texts = [node.raw_code]
        for kind in ("pre_hook", "post_hook"):
            texts += [hook.sql for hook in getattr(node.config, kind, ())]
        words = {word for text in texts for word in _WORD.findall(text)}
        building = self.by_building((node.config.materialized,))
        names = frozenset((*(words & self._same.keys()), *building))
        if names not in self._of_nodes:
            made: dict[str, dict[str, Any]] = {name: {} for name in self._packages}
            for key in self.of(names):
                macro = self._macros[key]
                made[macro.package_name][macro.name] = macro
            self._of_nodes[names] = made
        return self._of_nodes[names]

    def by_building(self, kinds: Iterable[str]) -> Iterator[str]:
        """Names of macros that no text has, where models of these materializations are built."""
        yield from _GIVEN
        for kind in kinds:
            own = f"materialization_{kind}_duckdb"
            yield own if own in self._same else f"materialization_{kind}_default"
            if kind == "incremental":
                yield from (name for name in self._same if name.startswith(_COMPOSED))

    def _named_in(self, key: str) -> set[str]:
        if key not in self._named:
            macro = self._macros[key]
            words = {_PREFIX.sub("", macro.name), *_WORD.findall(macro.macro_sql)}
            self._named[key] = {
                other for word in words & self._same.keys() for other in self._same[word]
            }
        return self._named[key]


def _called_by_python() -> Iterator[str]:
    """Names of macros that no macro calls."""
    from dbt.adapters.base import impl as base
    from dbt.adapters.sql import impl as sql

    for module in (base, sql):
        yield from (value for name, value in vars(module).items() if _CALLED.fullmatch(name))
