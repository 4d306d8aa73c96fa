"""How Dagster shows dbt's models and tests: names, steps, owners, and a sentence each."""

import re
from collections.abc import Mapping
from typing import Any, Final

import dagster as dg

from orchestration.asset_keys import (
    ALLOCATION,
    OF_PRICES,
    OWNERS,
    PRICES,
    REQUESTS,
    SOURCES,
    TABLES,
    warehouse_key,
)
from orchestration.dbt.dagster_dbt_insides import DagsterDbtTranslator

# Of a folder of models; of every other one ALLOCATION.
STEPS: Final[Mapping[str, str]] = {
    "staging": SOURCES,
    "prices": PRICES,
    "requests": REQUESTS,
    "rating": REQUESTS,
    "cells": REQUESTS,
    "days": REQUESTS,
    "marts": TABLES,
    "ledger": TABLES,
    "forecast": TABLES,
    "built": TABLES,
}
_STAGED: Final = re.compile(r"stg_(?:landing|reference)__(\w+)")


class Translator(DagsterDbtTranslator):
    """Models keep `[schema, name]`; dbt's sources are the assets of the warehouse step."""

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: Any
    ) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        if unique_id.startswith("source."):
            return spec.replace_attributes(
                key=warehouse_key(manifest["sources"][unique_id]["name"])
            )
        return spec

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """dagster-dbt adds the whole SQL to it."""
        if described := str(dbt_resource_props.get("description") or "").strip():
            return described
        name = str(dbt_resource_props["name"])
        if staged := _STAGED.fullmatch(name):
            return f"Table `{staged[1]}` as it landed, under the names of the models."
        return f"{name.removeprefix('int_').replace('_', ' ').capitalize()}."

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        staged = _STAGED.fullmatch(dbt_resource_props["name"])
        if staged and staged[1] in OF_PRICES:
            return PRICES
        # the project, folders, and the model itself
        folders = list(dbt_resource_props.get("fqn") or ())[1:-1]
        return STEPS.get(folders[0], ALLOCATION) if folders else ALLOCATION

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """Those that the model or its dbt group names, else those of its step."""
        named = super().get_owners(dbt_resource_props)
        return list(named or [OWNERS[self.get_group_name(dbt_resource_props)]])


def source_descriptions(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Of the tables that dbt reads."""
    return {source["name"]: source["description"] for source in manifest["sources"].values()}


def with_checks(manifest: dict[str, Any]) -> dict[str, Any]:
    """Gives every test a sentence, and a home to the singular ones, so that they become checks.

    The home is the last model that the test names, unless its own meta says another one.
    """
    for node in manifest["nodes"].values():
        if node["resource_type"] != "test":
            continue
        node.setdefault("meta", {}).setdefault("description", sentence(node))
        parents = [
            name for name in node["depends_on"].get("nodes", []) if name.startswith("model.")
        ]
        if node.get("attached_node") or not parents:
            continue
        dagster_meta = node["config"].setdefault("meta", {}).setdefault("dagster", {})
        dagster_meta.setdefault("ref", {"name": manifest["nodes"][parents[-1]]["name"]})
    return manifest


def sentence(test: Mapping[str, Any]) -> str:
    """What a test holds: its own description, else what its name and arguments say."""
    if described := str(test.get("description") or "").strip():
        return described
    generic = test.get("test_metadata") or {}
    if not generic:
        words = str(test["name"]).removeprefix("assert_").replace("_", " ")
        return f"{words.capitalize()}."
    arguments = generic.get("kwargs") or {}
    columns = arguments.get("columns") or arguments.get("column_name") or []
    listed = ", ".join([columns] if isinstance(columns, str) else columns)
    said = str(generic["name"]).replace("_", " ")
    return f"{said.capitalize()}{f': {listed}' if listed else ''}."
