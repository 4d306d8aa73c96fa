"""Macros that a build may call: dbt makes an object of each one there is, twice a node.

Of 700 macros 500 are dbt's own, most of them for commands and materializations that are not ours.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

# What Python of dbt's adapters calls by name, and what it composes the name of.
_CALLED: Final = re.compile(r"[A-Z_]+_MACRO_NAME")
_COMPOSED: Final = "get_incremental_"
_PREFIX: Final = re.compile(r"^(default|duckdb)__")


def needed_macros(manifest: Any) -> dict[str, Any]:
    """The project's own, those that its nodes name, what dbt's Python calls, and what these call.

    dbt notes what calls what while it parses; a macro that is dispatched has several names.
    """
    macros: Mapping[str, Any] = manifest.macros
    same: dict[str, list[str]] = {}
    for key, macro in macros.items():
        same.setdefault(_PREFIX.sub("", macro.name), []).append(key)
    own = manifest.metadata.project_name
    waiting = [key for key, macro in macros.items() if macro.package_name == own]
    waiting += [key for name in _called(manifest) for key in same.get(name, ())]
    waiting += [key for name in same if name.startswith(_COMPOSED) for key in same[name]]
    for node in (*manifest.nodes.values(), *manifest.unit_tests.values()):
        waiting += node.depends_on.macros
    needed: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key in macros and key not in needed:
            needed.add(key)
            waiting += macros[key].depends_on.macros
            waiting += same[_PREFIX.sub("", macros[key].name)]
    return {key: macro for key, macro in macros.items() if key in needed}


def _called(manifest: Any) -> Iterator[str]:
    """Names of macros that no macro calls."""
    from dbt.adapters.base import impl as base
    from dbt.adapters.sql import impl as sql

    for module in (base, sql):
        yield from (value for name, value in vars(module).items() if _CALLED.fullmatch(name))
    # what a generic test is given calls it, and what a unit test is given becomes it
    yield from ("get_where_subquery", "get_fixture_sql")
    kinds = {node.config.materialized for node in manifest.nodes.values()} | {"unit"}
    for kind in sorted(kinds):
        yield f"materialization_{kind}_default"
        yield f"materialization_{kind}_duckdb"
