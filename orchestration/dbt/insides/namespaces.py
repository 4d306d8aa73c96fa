"""The macros that a template may call: found by one look-up, where dbt's own looks in five places,
and made once for a template, however often it calls them.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch


@contextmanager
def flat_namespaces() -> Iterator[None]:
    from dbt.clients.jinja import MacroGenerator
    from dbt.context.macros import GLOBAL_PROJECT_NAME, MacroNamespace, MacroNamespaceBuilder

    class Flat(dict[str, Any]):
        """As a MacroNamespace, which is a mapping, too."""

        get_from_package = MacroNamespace.get_from_package

        def __init__(self, dbts: dict[str, Any], own: dict[str, Any], packages: Any) -> None:
            super().__init__({**dbts, GLOBAL_PROJECT_NAME: dbts, **packages, **own})
            self.global_project_namespace = dbts
            self.packages = packages

    def build(
        builder: Any, macros: Mapping[str, Mapping[str, Any]], context: dict[str, Any]
    ) -> Flat:
        node, stack = builder.node, builder.thread_ctx
        made = {
            package: {
                name: MacroGenerator(macro, context, node, stack) for name, macro in found.items()
            }
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
