"""One number walked from the gateway's log to the line that finance posts."""

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import zstandard
from bill_literals import openai_rows
from workspaces import query


def test_one_number_from_the_log_to_the_chargeback(built: Path) -> None:
    request = dearest_openai_request(built)
    # the log
    logged = logged_record(built, request["request_id"])
    assert logged["completion_tokens"] == request["output_quantity"]
    # the request
    [(key, quantity, team, month)] = query(
        built,
        "select request_key, output_quantity, team, strftime(usage_date, '%Y-%m')"
        f" from fct_requests where request_id = '{request['request_id']}'",
    )
    assert (quantity, team) == (request["output_quantity"], request["team"])
    # its share of an allocation
    [(allocation, share)] = query(
        built,
        "select allocation_id, billed_cost from fct_request_costs"
        f" where request_key = '{key}' and meter = 'output'",
    )
    assert share == request["output_billed_cost"]
    # the allocation's charge, all of which is allocated
    [(charge, allocated)] = query(
        built,
        "select charge_id, sum(billed_cost) from fct_cost_allocations where charge_id = ("
        f" select charge_id from fct_cost_allocations where allocation_id = '{allocation}')"
        " group by charge_id",
    )
    [(day, line, project, credential, billed)] = query(
        built,
        "select cast(charge_period_start as date), charge_description, sub_account_id,"
        f" credential_id, billed_cost from fct_charges where charge_id = '{charge}'",
    )
    assert billed == allocated
    # the number on the provider's page
    assert page_amounts(built, str(day), line, project, credential) == [billed]
    # the line of the team
    rows = [row for row in chargeback(built, month) if row["team"] == team]
    [(posted,)] = query(
        built,
        "select sum(total_cost) from mart_chargeback_monthly"
        f" where team = '{team}' and strftime(billing_month, '%Y-%m') = '{month}'",
    )
    assert posted >= share
    assert abs(sum(Decimal(row["total"]) for row in rows) - posted) < Decimal("0.01") * len(rows)


def chargeback(folder: Path, month: str) -> list[dict[str, str]]:
    with (folder / "exports" / month / "chargeback.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def dearest_openai_request(folder: Path) -> dict[str, Any]:
    """Truth of the request whose output cost most; it alone has its id, and was sent once."""
    rows: list[dict[str, Any]] = pq.read_table(
        folder / "truth" / "requests.parquet",
        filters=[("provider", "=", "openai"), ("outcome", "=", "success"),
                 ("service_tier", "=", "standard"), ("attempt_role", "=", "primary")],
    ).to_pylist()  # fmt: skip
    return max(rows, key=lambda row: row["output_billed_cost"])


def logged_record(folder: Path, request_id: str) -> dict[str, Any]:
    """The first record of this id in the gateway's objects."""
    needle = request_id.encode()
    for file in sorted((folder / "logs").rglob("*")):
        if not file.is_file():
            continue
        data = file.read_bytes()
        if file.suffix == ".zst":
            data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
        for line in data.splitlines():
            if needle in line and (record := json.loads(line))["id"] == request_id:
                return dict(record)
    raise AssertionError(f"{request_id} is in no log object")


def page_amounts(
    folder: Path, day: str, line: str, project: str | None, credential: str | None
) -> list[Decimal]:
    """The amounts that OpenAI's saved cost pages say of one line, from their literals."""
    return [
        amount
        for at, row, amount in openai_rows(folder / "bills" / "openai")
        if (at, row["line_item"], row["project_id"], row["api_key_id"])
        == (day, line, project, credential)
    ]
