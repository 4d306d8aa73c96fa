"""The macros that a template may call: found by one look-up, where dbt's own looks in five places,
and made once for a template, however often it calls them.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from orchestration.dbt.insides.macros import Calls


@contextmanager
def flat_namespaces(manifest: Any = None) -> Iterator[None]:
    """With a manifest, whose models are built, each finds those alone that it may call."""
    from dbt.clients.jinja import MacroGenerator
    from dbt.context.macros import GLOBAL_PROJECT_NAME, MacroNamespace, MacroNamespaceBuilder

    calls = Calls(manifest.macros) if manifest else None

    class Flat(dict[str, Any]):
        """As a MacroNamespace, which is a mapping, too."""

        get_from_package = MacroNamespace.get_from_package

        def __init__(self, dbts: dict[str, Any], own: dict[str, Any], packages: Any) -> None:
            super().__init__({**dbts, GLOBAL_PROJECT_NAME: dbts, **packages, **own})
            self.global_project_namespace = dbts
            self.packages = packages

    def generator(macro: Any, said: dict[str, Any]) -> Any:
        """As `MacroGenerator(macro, **said)`, of which there are 100,000 a run."""
        made = MacroGenerator.__new__(MacroGenerator)
        vars(made).update(said, macro=macro)
        return made

    def build(
        builder: Any, macros: Mapping[str, Mapping[str, Any]], context: dict[str, Any]
    ) -> Flat:
        if calls and getattr(builder.node, "resource_type", None) in ("model", "test"):
            macros = calls.of_node(builder.node)
        said = {"context": context, "node": builder.node, "stack": builder.thread_ctx}
        made = {
            package: {name: generator(macro, said) for name, macro in found.items()}
            for package, found in macros.items()
        }
        dbts: dict[str, Any] = {}
        # of those that come with dbt the first in order wins
        for package in reversed(builder.internal_package_names_order):
            dbts |= made.pop(package, {})
        # the package of the template wins over the project's
        own = made.get(builder.root_package, {}) | made.get(builder.search_package, {})
        return Flat(dbts, own, made)

    make = MacroGenerator.get_macro

    def made_once(generator: Any) -> Any:
        known = generator.__dict__
        if "made" not in known:
            known["made"] = make(generator)
        return known["made"]

    with (
        patch.object(MacroNamespaceBuilder, "build_namespace", build),
        patch.object(MacroGenerator, "get_macro", made_once),
    ):
        yield


def forget_made(namespace: Mapping[str, Any]) -> None:
    """The macros of a namespace that were called are made anew where they are called again."""
    for found in namespace.values():
        for generator in found.values() if isinstance(found, dict) else (found,):
            generator.__dict__.pop("made", None)
