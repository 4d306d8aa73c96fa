"""The company's workspace on disk: tollbook.yaml, reference CSVs, logs and bill."""

from itertools import pairwise
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.company.bill import ACCOUNT, used, write_bill, write_invoices
from benchmarks.company.traffic import FEATURES, Traffic, draw

LOGS: Final = "logs"
SETTINGS: Final = f"""\
company: Bench
since: {{since}}
gateways:
  - {{{{name: gateway, format: generic, location: {LOGS}, provider: openai}}}}
bills:
  - {{{{name: openai, format: openai, account: {ACCOUNT}, location: bill}}}}
"""
# As a company's own log has it: cached tokens are part of the input.
LOGGED: Final = """
select
    request_id,
    strftime(started_at, '%Y-%m-%dT%H:%M:%S.%fZ') as timestamp,
    customer as user_id,
    session as session_id,
    feature as feature_tag,
    team,
    tier,
    model as model_name,
    'openai' as provider,
    case when status = 'success' then uncached + cached else 0 end as input_token_count,
    case when status = 'success' then cached else 0 end as cached_tokens,
    case when status = 'success' then output else 0 end as output_token_count,
    latency_ms as latency,
    status,
    cast(case when status = 'success' then pico else 0 end as decimal(20, 0))
    * cast(0.000000000001 as decimal(13, 12)) as cost
from drawn
"""


def write_workspace(folder: Path, traffic: Traffic, objects: int) -> None:
    """A new workspace whose log has so many Parquet files, each of the same number of requests."""
    (folder / LOGS).mkdir(parents=True)
    with duckdb.connect() as connection:
        draw(connection, traffic)
        write_logs(connection, folder / LOGS, traffic, objects)
        write_around(connection, folder, traffic)


def write_around(connection: duckdb.DuckDBPyConnection, folder: Path, traffic: Traffic) -> None:
    """All of a workspace but its log, for the requests that are drawn."""
    reference = folder / "reference"
    reference.mkdir(parents=True)
    of_days = used(connection)
    write_bill(folder / "bill", "costs", traffic.dates, of_days)
    write_invoices(reference / "invoices.csv", of_days)
    teams = [f"{feature.team},CC-{number}" for number, feature in enumerate(FEATURES)]
    (reference / "teams.csv").write_text("\n".join(["team_id,cost_center", *teams, ""]))
    (folder / "tollbook.yaml").write_text(SETTINGS.format(since=traffic.first))


def write_logs(
    connection: duckdb.DuckDBPyConnection, folder: Path, traffic: Traffic, objects: int
) -> None:
    bounds = [traffic.start + traffic.requests * number // objects for number in range(objects + 1)]
    for number, (low, high) in enumerate(pairwise(bounds)):
        file = folder / f"{traffic.first}-{number:05d}.parquet"
        connection.execute(
            f"copy ({LOGGED} where i >= {low} and i < {high}) to '{file}' (format parquet)"
        )


def add_day(folder: Path, traffic: Traffic, requests: int) -> None:
    """One day more: a log file, and its page of the bill."""
    day = traffic.next_day(requests)
    with duckdb.connect() as connection:
        draw(connection, day)
        write_logs(connection, folder / LOGS, day, 1)
        write_bill(folder / "bill", f"costs-{day.first}", day.dates, used(connection))
