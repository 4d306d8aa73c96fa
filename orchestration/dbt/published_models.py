"""Which relations of the warehouse are published, and how: read from dbt's manifest."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Final

PUBLISHED_SCHEMA: Final = "main"


class PublishedAs(Enum):
    TABLE = "table"
    TABLE_BY_MONTH = "by_month"
    PARQUET_BY_DAY = "parquet_by_day"
    VIEW = "view"


@dataclass(frozen=True, slots=True)
class PublishedModel:
    """`sql` is a view's query, with schema-qualified names of published relations only."""

    name: str
    published_as: PublishedAs
    sql: str = ""


def published_models(manifest: Mapping[str, Any], compiled: Path) -> list[PublishedModel]:
    """Every model of schema `main`, parents first. `compiled`: dbt's folder of compiled SQL."""
    nodes = {
        unique_id: node
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
        and node["schema"] == PUBLISHED_SCHEMA
        and node["config"]["materialized"] != "ephemeral"
    }
    parents = {
        unique_id: [parent for parent in node["depends_on"]["nodes"] if parent in nodes]
        for unique_id, node in sorted(nodes.items())
    }
    return [_model(nodes[key], compiled) for key in TopologicalSorter(parents).static_order()]


def _model(node: Mapping[str, Any], compiled: Path) -> PublishedModel:
    name = node["alias"]
    if node["config"].get("meta", {}).get("publish") == PublishedAs.PARQUET_BY_DAY.value:
        return PublishedModel(name, PublishedAs.PARQUET_BY_DAY)
    if node["config"]["materialized"] == PublishedAs.TABLE_BY_MONTH.value:
        return PublishedModel(name, PublishedAs.TABLE_BY_MONTH)
    if node["config"]["materialized"] != "view":
        return PublishedModel(name, PublishedAs.TABLE)
    file = compiled / node["package_name"] / node["original_file_path"]
    sql = without_database(file.read_text(encoding="utf-8"), node["database"])
    return PublishedModel(name, PublishedAs.VIEW, sql)


def without_database(sql: str, database: str) -> str:
    """`"warehouse"."main"."t"` -> `"main"."t"`, as dbt quotes every relation."""
    return re.sub(rf'"{re.escape(database)}"\.(?=")', "", sql)
