"""Requests with a gateway's claim, and why it differs from their list cost: by the compiled SQL."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
from rated_requests import LANDED, Row, land, parents_of, reference

from ingestion.vocabulary import DRIFT_CAUSES
from orchestration.warehouse.landing_schema import write_table
from tests.pipeline.compiled_project import CompiledProject


@dataclass(frozen=True)
class Drift:
    """Of one request, in dollars; `causes` has only those that are not 0."""

    gateway_cost: Decimal
    list_cost: Decimal
    causes: dict[str, Decimal]

    @property
    def drift(self) -> Decimal:
        return self.gateway_cost - self.list_cost


def drifts(
    project: CompiledProject,
    folder: Path,
    rows: Iterable[Row],
    csvs: Mapping[str, str] | None = None,
) -> dict[str, Drift]:
    """Drift by request_key: each request is a gateway of its own, as the table has no requests."""
    own = [row | {"source": row["request_key"]} for row in rows]
    [template] = LANDED.to_pylist()
    objects = [template | {"source": row["source"]} for row in own]
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("attach ':memory:' as warehouse")
        connection.execute("use warehouse")
        land(connection, own, reference(folder, csvs or {}))
        write_table(connection, "objects", pa.Table.from_pylist(objects, schema=LANDED.schema))
        project.build(connection, only=parents_of(project, "int_gateway_drift"))
        found = connection.sql("select * from intermediate.int_gateway_drift").to_arrow_table()
    return {line["source"]: _drift(line) for line in found.to_pylist()}


def _drift(line: Row) -> Drift:
    gateway, listed = (_dollars(line[f"{name}_cost_pico"]) for name in ("gateway", "list"))
    causes = {cause: _dollars(line[f"{cause}_pico"]) for cause in DRIFT_CAUSES}
    return Drift(gateway, listed, {cause: value for cause, value in causes.items() if value})


def _dollars(pico: int) -> Decimal:
    return Decimal(pico).scaleb(-12)
