"""Azure OpenAI's resource log: what each of its records is, by hand."""

import json
from pathlib import Path
from typing import Any

from ingestion.gateways import azure_diagnostics
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.formats import GATEWAYS
from ingestion.workspace.sources import Gateway

FIXTURE = Path(__file__).parent / "fixtures" / "azure_diagnostics" / "logs.jsonl"
LINES = FIXTURE.read_bytes().splitlines()
# By the last figure of the id: output, total; status, HTTP status, stream, operation, latency.
EXPECTED = {
    1: (None, None, "success", 200, False, "chat", 1021.0),
    2: (None, None, "success", 200, True, "chat", 2500.0),
    3: (0, 0, "error", 429, False, "chat", 20.0),
    4: (None, None, "success", 200, False, "chat", 900.0),
    # a prompt that was filtered may be charged
    5: (None, None, "error", 400, False, "chat", 60.0),
    6: (None, None, "success", 200, False, "embeddings", 40.0),
}


def read(data: bytes | str) -> Parsed:
    gateway = Gateway("aoai", "azure_diagnostics", "/logs", {})
    content = data.encode() if isinstance(data, str) else data
    return azure_diagnostics.read_object(content, "PT1H.json", gateway)


def by_number(parsed: Parsed) -> dict[int, Row]:
    return {int(row["request_key"][-4:]): row for row in parsed.rows["requests"]}


def said(row: Row) -> tuple[Any, ...]:
    names = (
        *("output_quantity", "provider_total_tokens", "status", "http_status", "stream"),
        *("operation", "latency_ms"),
    )
    return tuple(row[name] for name in names)


def test_each_record_is_what_it_says() -> None:
    parsed = read(FIXTURE.read_bytes())
    assert {number: said(row) for number, row in by_number(parsed).items()} == EXPECTED
    # the call that came twice is one by its key; a thread and another category call no model
    assert (parsed.records, len(parsed.rows["requests"]), parsed.foreign) == (10, 7, 2)
    [reject] = parsed.rejects
    assert (reject.record_no, reject.field, str(reject.day)) == (9, "durationms", "2026-10-05")


def test_a_call_starts_when_it_was_asked_and_not_when_it_was_logged() -> None:
    row = by_number(read(LINES[0]))[1]
    assert row["started_at"].isoformat() == "2026-10-05T10:00:01+00:00"
    assert row["ended_at"].isoformat() == "2026-10-05T10:00:02.021000+00:00"
    record = json.loads(LINES[0])
    record["properties"] = {"objectId": ""}
    row = by_number(read(json.dumps(record)))[1]
    assert row["started_at"].isoformat() == "2026-10-05T10:00:04.435000+00:00"
    assert row["credential_hint"] is None


def test_who_called_which_deployment_where() -> None:
    rows = by_number(read(FIXTURE.read_bytes()))
    row = rows[1]
    assert row["user_id"] == row["credential_hint"] == "33333333-3333-4333-8333-333333333333"
    assert (row["provider"], row["region"], row["deployment_id"]) == (
        *("azure", "eastus", "chat-prod"),
    )
    assert row["sub_account_hint"] == "6a4749ab-abb4-72a1-e321-06e17dc445bc"
    assert (row["model_routed"], row["model_served"]) == ("gpt-4o", "gpt-4o-2024-11-20")
    assert rows[6]["model_served"] is None


def test_columns_of_azure_diagnostics_and_an_event_hub_are_the_same() -> None:
    records = [json.loads(line) for line in LINES[:4]]
    expected = [said(row) for row in read(b"\n".join(LINES[:4])).rows["requests"]]
    renamed = {"time": "TimeGenerated", "location": "location_s", "properties": "properties_s"}
    columns = [
        {renamed.get(name, name[0].upper() + name[1:]): value for name, value in each.items()}
        for each in records
    ]
    for data in (json.dumps({"records": records}), json.dumps(columns)):
        assert [said(row) for row in read(data).rows["requests"]] == expected


def test_what_is_no_resource_log_is_refused() -> None:
    for data in ("{}", "[1]", '{"category":"RequestResponse"}', "x", '{"correlationId":"a"}'):
        parsed = read(data)
        assert parsed.rows["requests"] == [] and len(parsed.rejects) == 1


def test_it_sees_what_the_provider_sees() -> None:
    gateway = Gateway("aoai", "azure_diagnostics", "/logs", {})
    assert azure_diagnostics.usage_semantics(gateway) == UsageSemantics()
    assert GATEWAYS["azure_diagnostics"].seen_from == "provider"
