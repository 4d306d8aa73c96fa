"""In-house logs: CSV, JSON lines and Parquet under documented names, and through a map."""

import gzip
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from generic_logs import HEADER, NAMES, RECORDS, SAMPLE, csv_of, one, parquet, read

from ingestion.contracts import REQUESTS
from ingestion.landing.tables.arrow import to_arrow
from ingestion.records import Parsed, Row, content_hash


def test_sample_line_of_the_documentation() -> None:
    row = one(f"{HEADER}\n{SAMPLE}\n")
    assert row["started_at"] == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert row["ended_at"] == row["started_at"] + timedelta(milliseconds=1150)
    assert (row["latency_ms"], row["session_id"]) == (1150.0, "s-9")
    assert row["user_id"] == row["customer_id"] == "u-123"
    assert (row["model_requested"], row["provider"]) == ("gpt-4o", "openai")
    assert (row["input_quantity"], row["output_quantity"]) == (412, 96)
    assert (row["provider_total_tokens"], row["cache_read_quantity"]) == (508, 0)
    assert (row["status"], row.get("gateway_cost")) == ("success", None)
    assert row["attributes"] == '{"tags":{"feature":"search-answer"}}'
    assert json.loads(row["raw_usage"]) == {"input_token_count": "412", "output_token_count": "96"}


def test_rows_fit_the_contract() -> None:
    row = one(f"{HEADER}\n{SAMPLE}\n") | {"source": "proxy", "batch": 1, "object_no": 0}
    table, misfits = to_arrow("requests", [row])
    assert misfits == []
    assert table is not None and table.schema == REQUESTS


def test_optional_names_are_read_too() -> None:
    row = one(
        csv_of(
            cached_tokens="100",
            provider="bedrock",
            request_id="r-1",
            status="429",
            tier="pro",
            team="Search",
            cost="0.0019900000000000004",
        )
    )
    assert (row["input_quantity"], row["cache_read_quantity"]) == (312, 100)
    assert (row["provider"], row["status"], row["http_status"]) == ("aws", "error", 429)
    assert row["request_key"] == "generic:proxy:r-1"
    assert json.loads(row["attributes"])["tags"] == {
        "feature": "search-answer",
        "team": "Search",
        "tier": "pro",
    }
    assert row["gateway_cost"] == Decimal("0.001990000000")


def test_other_columns_come_through_the_map_only() -> None:
    data = csv_of(
        prompt="secret words", at="1777629600", who="u-7", model="claude-sonnet-4-5", arm="B"
    )
    row = one(
        data,
        columns={
            "timestamp": "at",
            "customer_id": "who",
            "model_routed": "model",
            "metadata:Experiment.Arm": "arm",
        },
        timestamp_format="epoch_s",
        latency_unit="s",
        provider="anthropic",
    )
    assert row["started_at"] == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert (row["latency_ms"], row["provider"]) == (1_150_000.0, "anthropic")
    assert (row["customer_id"], row["model_routed"]) == ("u-7", "claude-sonnet-4-5")
    assert json.loads(row["attributes"])["metadata"] == {"experiment.arm": "B"}
    assert "secret" not in repr(row)


def test_a_user_beside_a_customer_is_a_field_of_its_own() -> None:
    data = csv_of(who="ann", account="acme")
    both = one(data, columns={"customer_id": "account", "user_id": "who"})
    assert (both["customer_id"], both["user_id"]) == ("acme", "ann")
    alone = one(data, columns={"user_id": "who"})
    assert alone["customer_id"] == alone["user_id"] == "ann"


def test_tokens_may_leave_the_cache_out() -> None:
    data = csv_of(cached_tokens="500")
    row = one(data, tokens_inclusive_of_cache=False)
    assert (row["input_quantity"], row["provider_total_tokens"]) == (412, 1008)
    (reject,) = read(data).rejects
    assert reject.field == "input_token_count"
    assert "tokens_inclusive_of_cache" in reject.reason


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("2026-05-01 12:00:00", {"timezone": "Europe/Berlin"}),
        ("01.05.2026 12:00", {"timezone": "Europe/Berlin", "timestamp_format": "%d.%m.%Y %H:%M"}),
        ("2026-05-01T12:00:00+02:00", {"timezone": "Asia/Tokyo"}),
        ("1777629600000", {"timestamp_format": "epoch_ms"}),
        ("1777629600000000", {"timestamp_format": "epoch_us"}),
    ],
)
def test_times_in_every_spelling(text: str, options: dict[str, Any]) -> None:
    assert one(csv_of(timestamp=text), **options)["started_at"] == datetime(
        2026, 5, 1, 10, tzinfo=UTC
    )


def test_numbers_of_spreadsheets() -> None:
    line = SAMPLE.replace(",412,", ',"1,412",').replace(",96,", ",96.0,")
    row = one(f"{HEADER}\n{line}")
    assert (row["input_quantity"], row["output_quantity"]) == (1412, 96)


PLACE = ("request_id", "request_key", "record_no")


def comparable(parsed: Parsed) -> list[Row]:
    assert parsed.rejects == []
    return [{k: v for k, v in row.items() if k not in PLACE} for row in parsed.rows["requests"]]


def test_csv_json_and_parquet_read_the_same() -> None:
    lines = [",".join(RECORDS[0])]
    lines += [",".join("" if v is None else str(v) for v in r.values()) for r in RECORDS]
    from_csv = comparable(read("\n".join(lines)))
    from_json = comparable(read("\n".join(json.dumps(record) for record in RECORDS)))
    assert len(from_csv) == 3
    assert from_csv == from_json == comparable(read(parquet(RECORDS)))
    assert from_csv[0]["gateway_cost"] == Decimal("0.1")
    assert comparable(read(gzip.compress("\n".join(lines).encode()))) == from_csv


def test_parquet_times_may_be_naive_and_finer_than_microseconds() -> None:
    at = pa.array([1777636800 * 10**9 + 1], pa.timestamp("ns"))
    table = pa.Table.from_pylist([RECORDS[0]]).set_column(0, "timestamp", at)
    sink = io.BytesIO()
    pq.write_table(table, sink)
    row = one(sink.getvalue(), timezone="Europe/Berlin")
    assert row["started_at"] == datetime(2026, 5, 1, 10, tzinfo=UTC)


def test_equal_lines_are_two_requests_and_a_replay_is_none() -> None:
    data = f"{HEADER}\n{SAMPLE}\n{SAMPLE}\n"
    first, again = read(data).rows["requests"], read(data).rows["requests"]
    assert len({row["request_key"] for row in first + again}) == 2


def test_the_content_hash_is_of_the_row_whatever_its_place_and_bytes() -> None:
    first, second = read(f"{HEADER}\n{SAMPLE}\n{SAMPLE}\n").rows["requests"]
    assert first["content_hash"] == second["content_hash"]
    one_of_json = json.dumps(dict(zip(NAMES, SAMPLE.split(","), strict=True)))
    assert one(one_of_json)["content_hash"] == first["content_hash"]
    remapped = one(f"{HEADER}\n{SAMPLE}", columns={"customer_id": "session_id"})
    assert remapped["content_hash"] != first["content_hash"]


def test_values_that_no_column_holds_have_a_content_hash_too() -> None:
    assert content_hash({"user_id": "\ud800"}) != content_hash({"user_id": "\ud801"})
    assert content_hash({"max_tokens": 2**70}) != content_hash({"max_tokens": 2**71})


def test_other_delimiters() -> None:
    data = f"{HEADER}\n{SAMPLE}".replace(",", ";")
    assert one(data, delimiter=";")["input_quantity"] == 412
