"""Tiny companies: logs and saved bill pages through the real readers and the compiled SQL.

A company costs a second or two, as neither dbt nor Dagster starts.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb

from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.landing.loading import load_gateway
from ingestion.storage.objects import open_storage
from ingestion.workspace.settings import Workspace, load_workspace
from orchestration.assets.warehouse import fill_landing
from orchestration.running.source_states import SourceState, sources_of, write_state
from tests.pipeline.compiled_project import CompiledProject

Rows = list[tuple[Any, ...]]

ZONE: Final = "Europe/Berlin"
# a handful of rows has no use for a second thread, and each worker of the tests has one core
SETUP: Final = "set TimeZone = 'UTC'; set threads = 1"
RULE_FIELDS: Final = ("key_alias", "metadata:ticket", "model", "prompt_version", "route", "user")
SETTINGS: Final = f"""\
company: Scenario
timezone: {ZONE}
gateways:
  - name: proxy
    format: generic
    location: logs
    columns:
      credential_hint: key
      gateway_key_alias: key
      cache_layer: cache_layer
      user_id: who
      trace_id: trace
      attempt_no: attempt
      attempt_role: role
      prompt_version: prompt
      route: endpoint
      service_tier: service
      tag:env: env
      tag:plan: plan
bills:
  - {{name: openai, format: openai, account: org-o, location: openai}}
"""


class Company:
    """What a run would have made of a workspace."""

    def __init__(self, project: CompiledProject, folder: Path, failing: Sequence[str] = ()) -> None:
        """`failing`: data tests that end its run."""
        self._project, self.folder, self._failing = project, folder, list(failing)
        self._connection = duckdb.connect()
        self._connection.execute(SETUP)
        self._connection.execute("attach ':memory:' as warehouse")
        self._connection.execute("use warehouse")
        self.build()

    def build(self) -> None:
        """Reads what is new, builds every model, and holds every data test."""
        self._land(load_workspace(self.folder))
        self._project.build(self._connection)
        assert self._project.failing(self._connection) == self._failing

    def _land(self, workspace: Workspace) -> None:
        landing = Landing(open_storage(workspace.landing))
        for gateway in workspace.gateways:
            load_gateway(gateway, landing)
        for bill in workspace.bills:
            load_bill(bill, landing)
        for source in sources_of(workspace):
            write_state(workspace, SourceState(source.name, "ok"))
        fill_landing(self._connection, workspace)

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        return self._connection

    def query(self, sql: str) -> Rows:
        return self._connection.execute(sql).fetchall()

    def value(self, sql: str) -> Any:
        [(value,)] = self.query(sql)
        return value

    def rows_of_rounds(self, name: str) -> int:
        """How many rows the recursions of a model make, all rounds together."""
        [sql] = [model.sql for model in self._project.models if model.name == name]
        [(_, plan)] = self.query(f"explain (analyze, format json) {sql}")
        waiting, rows = list(json.loads(plan)["operator"]), 0
        while waiting:
            step = waiting.pop()
            if step["type"] == "RECURSIVE_CTE":
                rows += step["intermediate_rows"]
            waiting += step.get("children", [])
        return rows

    def by(self, owner: str, relation: str = "fct_cost_allocations") -> dict[str, Decimal]:
        """Billed dollars per owner, those without money left out."""
        return dict(
            self.query(
                f"select {owner}, sum(billed_cost) from {relation} group by all"
                " having sum(billed_cost) <> 0 order by all"
            )
        )


class OwnCompany(Company):
    """A company whose SQL is compiled for its own settings and rules, anew when they change.

    That costs 4 s more for the first company of its settings, in all workers together.
    """

    def __init__(self, compiled: Callable[[Workspace], CompiledProject], folder: Path) -> None:
        self._compiled, self.folder = compiled, folder
        self._connection = duckdb.connect()
        self.build()

    def build(self) -> None:
        workspace = load_workspace(self.folder)
        self._connection.close()
        # of a run that was here: days that it built would stand
        workspace.warehouse.unlink(missing_ok=True)
        self._prepare(workspace)
        self._project.build(self._connection)
        failing = self._project.failing(self._connection)
        assert failing == [], failing

    def _prepare(self, workspace: Workspace) -> None:
        """Its tables have landed and its SQL is compiled."""
        # the database is called as its file is; rules that have landed are looked up in it
        self._open(workspace)
        self._land(workspace)
        self._connection.close()
        self._project = self._compiled(workspace)
        self._open(workspace)

    def _open(self, workspace: Workspace) -> None:
        self._connection.close()
        self._connection = duckdb.connect(workspace.warehouse)
        self._connection.execute(SETUP)

    def with_other_rows(self, model: str, change: str) -> None:
        """As a release leaves it that makes these rows of the model: what reads it is built."""
        self._connection.execute(f"update {model} {change}")
        self._project.build(self._connection, self._project.downstream(model))

    def tables(self) -> dict[str, Rows]:
        """Every published table and view with its rows, in one order."""
        names = self.query(
            "select table_name from information_schema.tables where table_schema = 'main'"
        )
        return {
            name: self.query(f'select * from main."{name}" order by all')
            for [name] in sorted(names)
        }


def write_company(folder: Path, files: Mapping[str, str], settings: str = SETTINGS) -> Path:
    for name, text in {"tollbook.yaml": settings, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def call(at: str, model: str, tokens: int, output: int = 0, **columns: object) -> dict[str, Any]:
    """A line of the proxy's log; `columns` are those of SETTINGS and of the generic format."""
    return {
        "timestamp": at,
        "model_name": model,
        "input_token_count": tokens,
        "output_token_count": output,
        **columns,
    }


def log(calls: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(each) + "\n" for each in calls)


def line(
    day: str, words: str, amount: str, quantity: int | str | None, key: str | None = "key"
) -> Any:
    """A line of OpenAI's costs: `words` as in `gpt-4o-2024-08-06, input`."""
    start = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    return start, (
        f'{{"object":"organization.costs.result","amount":{{"value":{amount},"currency":"usd"}},'
        f'"line_item":"{words}","project_id":"p","api_key_id":{json.dumps(key)},'
        f'"quantity":{"null" if quantity is None else quantity},"quantity_unit":"tokens"}}'
    )


def costs(*lines: Any) -> str:
    """One saved page of `organization/costs`."""
    buckets = {
        start: ",".join(result for at, result in lines if at == start)
        for start in sorted({start for start, _ in lines})
    }
    data = ",".join(
        f'{{"object":"bucket","start_time":{start.timestamp():.0f},'
        f'"end_time":{(start + timedelta(days=1)).timestamp():.0f},"results":[{results}]}}'
        for start, results in buckets.items()
    )
    return f'{{"object":"page","data":[{data}],"has_more":false,"next_page":null}}'
