import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import boto3
import pytest

from ingestion.landing import chunks
from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.landing.loading import load_gateway
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Bill, Gateway
from tests.ingestion.readers import landed, log, request, write_log

DAY = "2026-10-01T12:00:00Z"


def test_new_and_changed_objects_land_and_vanished_ones_stay(
    landing: Landing, gateway: Gateway, logs: Path, tmp_path: Path
) -> None:
    write_log(logs, "team/2026-10-01/a.json", [request("a", DAY)])
    write_log(logs, "team/2026-10-02/b.json", [request("b", DAY), "broken"])
    first = load_gateway(gateway, landing)
    assert (first.objects_seen, first.objects_new, first.records) == (2, 2, 3)
    assert (first.landed, first.quarantined, first.batch) == (2, 1, 1)
    assert load_gateway(gateway, landing).batch is None

    write_log(logs, "team/2026-10-02/b.json", [request("b2", DAY)])
    (logs / "team/2026-10-01/a.json").unlink()
    second = load_gateway(gateway, landing)
    assert (second.objects_new, second.records, second.batch) == (1, 1, 2)

    cache = tmp_path / "cache"
    assert landed(landing, cache, "requests", "batch, object_no, request_id") == [
        (1, 0, "a"),
        (1, 1, "b"),
        (2, 0, "b2"),
    ]
    assert landed(landing, cache, "quarantine", "object, record_no, reason") == [
        ("team/2026-10-02/b.json", 1, "not JSON")
    ]
    objects = landing.objects_table().select(["batch", "object", "is_current"]).to_pylist()
    assert [tuple(row.values()) for row in objects] == [
        (1, "team/2026-10-01/a.json", True),
        (1, "team/2026-10-02/b.json", False),
        (2, "team/2026-10-02/b.json", True),
    ]
    assert landing.current_objects("prod").keys() == {
        "team/2026-10-01/a.json",
        "team/2026-10-02/b.json",
    }


def test_a_touched_object_with_the_same_content_is_not_new(
    landing: Landing, gateway: Gateway, logs: Path
) -> None:
    write_log(logs, "a.json", [request("a", DAY)])
    load_gateway(gateway, landing)
    write_log(logs, "a.json", [request("a", DAY)])
    assert load_gateway(gateway, landing).batch is None


def test_logs_of_a_bucket_are_read_once_by_their_etag(
    landing: Landing, bucket: str, tiny_readers: None
) -> None:
    client = boto3.client("s3")
    for number in range(20):
        body = log([request(str(number), DAY)])
        client.put_object(Bucket=bucket, Key=f"logs/{number}.json", Body=body)
    gateway = Gateway("prod", "lines", f"s3://{bucket}/logs", {})
    assert load_gateway(gateway, landing).landed == 20
    assert load_gateway(gateway, landing).objects_new == 0
    client.put_object(Bucket=bucket, Key="logs/7.json", Body=log([request("new", DAY)]))
    assert load_gateway(gateway, landing).objects_new == 1


def test_the_date_folder_is_the_start_or_a_batch_jobs_end_in_utc(
    landing: Landing, gateway: Gateway, logs: Path
) -> None:
    ended = {"ended_at": "2026-10-03T00:30:00Z"}
    write_log(
        logs,
        "a.json",
        [
            request("a", "2026-10-01T23:30:00-02:00", **ended),
            request("b", DAY, service_tier="batch", **ended),
            request("c", DAY, operation="batch"),
        ],
    )
    load_gateway(gateway, landing)
    folders = [path.split("/")[:3] for path in landing.visible_files()["requests"]]
    assert folders == [["requests", "prod", f"2026-10-0{day}"] for day in (1, 2, 3)]


def test_a_value_that_does_not_fit_quarantines_its_record_alone(
    landing: Landing, gateway: Gateway, logs: Path, tmp_path: Path
) -> None:
    write_log(
        logs,
        "a.json",
        [
            request("fits", DAY, input_quantity=3),
            request("part of a token", DAY, input_quantity=1.5),
            request("float money", DAY, gateway_cost=0.1),
            request("too many", DAY, output_quantity=10**20),
            request("two faults", DAY, input_quantity="x", output_quantity="y"),
            request("surrogate \ud800", DAY),
            request("no status", DAY, status=None),
        ],
    )
    result = load_gateway(gateway, landing)
    assert (result.records, result.landed, result.quarantined) == (7, 1, 6)
    assert landed(landing, tmp_path / "cache", "quarantine", "record_no, field") == [
        (1, "input_quantity"),
        (2, "gateway_cost"),
        (3, "output_quantity"),
        (4, "input_quantity"),
        (5, "request_key"),
        (6, "status"),
    ]


def test_worker_processes_land_what_one_process_lands(
    landing: Landing, gateway: Gateway, logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(8):
        write_log(logs, f"2026-10-0{number + 1}/{number}.json", [request(str(number), DAY), "x"])
    alone = Landing(open_storage(str(tmp_path / "alone")))
    assert load_gateway(gateway, alone).landed == 8
    monkeypatch.setattr(chunks, "PARALLEL_BYTES", 0)
    result = load_gateway(gateway, landing)
    assert (result.landed, result.quarantined, result.batch) == (8, 8, 1)
    for table in ("requests", "quarantine"):
        assert landed(landing, tmp_path / "cache", table, "*") == landed(alone, logs, table, "*")
    assert landing.objects_table() == alone.objects_table()


def test_nothing_is_visible_when_a_load_fails_midway(
    gateway: Gateway, logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing = Landing(open_storage(str(tmp_path / "landing")))
    write_log(logs, "1.json", [request("a", DAY)])
    write_log(logs, "2.json", [request("b", DAY), request("c", DAY, lose=True)])
    monkeypatch.setattr(chunks, "_parts", lambda found: [(c,) for c in found])
    with pytest.raises(SourceError, match=r"prod: 2.json: 2 records, but 1 landed and 0 are quar"):
        load_gateway(gateway, landing)
    assert landing.batches() == []
    assert not any(landing.visible_files().values())
    written = [info.name for info in landing.storage.list()]
    assert len(written) == 1

    write_log(logs, "2.json", [request("b", DAY)])
    assert load_gateway(gateway, landing).batch == 1
    assert landing.sweep() == []


def test_a_bill_lands_only_pages_that_read_differently(
    landing: Landing, tmp_path: Path, tiny_readers: None
) -> None:
    folder = tmp_path / "bills"
    bill = Bill("openai", "openai", "org", str(folder), None, "bill", {})
    write_log(folder, "pull-1/page.json", ['[["2026-10-01", "1.5"], ["2026-10-31", "2"]]'])
    first = load_bill(bill, landing)
    assert (first.objects_new, first.landed, first.batch) == (1, 2, 1)
    assert load_bill(bill, landing).batch is None
    write_log(folder, "pull-2/page.json", ['[["2026-10-01", "1.6"]]'])
    assert load_bill(bill, landing).objects_new == 1

    # a page that says something else beside another page lands again
    joined = replace(bill, name="joined", options={"joined": True})
    load_bill(joined, landing)
    write_log(folder, "pull-3/page.json", ["[]"])
    assert load_bill(joined, landing).objects_new == 3
    charges = "batch, source, billed_cost_in_billing_currency::varchar"
    assert landed(landing, tmp_path / "cache", "charges", charges)[:3] == [
        (1, "openai", "1.500000000000"),
        (1, "openai", "2.000000000000"),
        (2, "openai", "1.600000000000"),
    ]
    assert {path.split("/")[2] for path in landing.visible_files()["charges"]} == {"2026-10-01"}


def test_progress_tells_objects_done_of_all(landing: Landing, gateway: Gateway, logs: Path) -> None:
    for number in range(3):
        write_log(logs, f"{number}.json", [request(str(number), DAY)])
    told: list[tuple[int, int]] = []
    note: Callable[[int, int], None] = lambda done, total: told.append((done, total))  # noqa: E731
    load_gateway(gateway, landing, note)
    assert told[-1] == (3, 3)


def test_an_object_that_cannot_be_opened_is_one_lost_record_until_it_can_be(
    landing: Landing, gateway: Gateway, logs: Path, tmp_path: Path
) -> None:
    """And is nothing once it was taken out; what landed of an object before stands."""
    write_log(logs, "2026-10-01/a.json", [request("a", DAY)])
    (logs / "2026-10-02").mkdir()
    pipe, link = logs / "2026-10-02" / "pipe.json", logs / "2026-10-02" / "link.json"
    os.mkfifo(pipe)
    link.symlink_to("nowhere")
    first = load_gateway(gateway, landing)
    assert (first.records, first.landed, first.quarantined) == (3, 1, 2)
    second = load_gateway(gateway, landing)
    assert (first.unopened, second.batch, second.unopened) == (2, None, 2)
    cache = tmp_path / "cache"
    rejects = landed(landing, cache, "quarantine", "object, extent, first_day, reason")
    assert rejects == [
        (
            *("2026-10-02/link.json", "object", date(2026, 10, 2)),
            "no such file: it vanished or was never there",
        ),
        (
            *("2026-10-02/pipe.json", "object", date(2026, 10, 2)),
            "a device, a pipe or a socket, no file: take it out of the folder",
        ),
    ]
    pipe.unlink()
    link.unlink()
    write_log(logs, "2026-10-02/link.json", [request("b", DAY)])
    (logs / "2026-10-01" / "a.json").unlink()
    (logs / "2026-10-01" / "a.json").symlink_to("nowhere")
    again = load_gateway(gateway, landing)
    assert (again.landed, again.quarantined, again.unopened) == (1, 0, 1)
    assert "2026-10-01/a.json" in again.warnings[0]
    assert "what landed of it before stands" in again.warnings[0]
    current = [row for row in landing.objects_table().to_pylist() if row["is_current"]]
    assert {row["object"]: (row["landed"], row["quarantined"]) for row in current} == {
        "2026-10-01/a.json": (1, 0),
        "2026-10-02/link.json": (1, 0),
        "2026-10-02/pipe.json": (0, 0),
    }
