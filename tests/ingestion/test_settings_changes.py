"""Settings that decide how an object reads: changing one reads every object of its source again."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from ingestion.landing.batches import decode_batch
from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.landing.loading import load_gateway
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Bill, Gateway
from tests.ingestion import readers
from tests.ingestion.readers import landed, request, write_log

DAY = "2026-10-01T12:00:00Z"
LOG = "timestamp,user_id,model,input_tokens,output_tokens,team,squad\n" + (
    "2026-10-01T12:00:00Z,u,gpt-4o,412,96,hr,hr-eu\n"
)
COLUMNS = {"model_name": "model", "input_token_count": "input_tokens"} | {
    "output_token_count": "output_tokens"
}


def current(landing: Landing) -> list[tuple[object, ...]]:
    rows = landing.objects_table().select(["batch", "object", "is_current"]).to_pylist()
    return [(row["batch"], row["object"]) for row in rows if row["is_current"]]


def test_a_changed_column_map_reads_the_logs_again(tmp_path: Path) -> None:
    landing = Landing(open_storage(str(tmp_path / "landing")))
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.csv").write_text(LOG)
    options = {"columns": COLUMNS | {"gateway_team": "team"}}
    gateway = Gateway("proxy", "generic", str(tmp_path / "logs"), options)
    assert load_gateway(gateway, landing).landed == 1
    assert load_gateway(gateway, landing).batch is None

    remapped = replace(gateway, options={"columns": COLUMNS | {"gateway_team": "squad"}})
    assert load_gateway(remapped, landing).batch == 2
    assert load_gateway(remapped, landing).batch is None
    assert current(landing) == [(2, "a.csv")]
    rows = landed(landing, tmp_path, "requests", "batch, gateway_team, content_hash")
    assert [row[:2] for row in rows] == [(1, "hr"), (2, "hr-eu")]
    assert rows[0][2] != rows[1][2]


def test_a_new_reader_version_reads_again(
    landing: Landing, gateway: Gateway, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_log(logs, "a.json", [request("a", DAY)])
    load_gateway(gateway, landing)
    monkeypatch.setattr(readers, "READER_VERSION", "2")
    write_log(logs, "b.json", [request("b", DAY)])
    assert load_gateway(gateway, landing).objects_new == 2
    assert load_gateway(gateway, landing).batch is None


def test_a_bill_is_read_again_for_another_account_but_not_for_another_role(
    landing: Landing, tmp_path: Path, tiny_readers: None
) -> None:
    folder = tmp_path / "bills"
    bill = Bill("openai", "openai", "org", str(folder), None, "bill", {})
    write_log(folder, "page.json", ['[["2026-10-01", "1.5"]]'])
    load_bill(bill, landing)
    assert load_bill(replace(bill, role="control"), landing).batch is None
    assert load_bill(replace(bill, account="org-2"), landing).batch == 2
    assert current(landing) == [(2, "page.json")]
    assert landed(landing, tmp_path / "cache", "charges", "batch, billing_account") == [
        (1, "org"),
        (2, "org-2"),
    ]


def test_batch_lists_of_earlier_releases_still_read(
    gateway: Gateway, logs: Path, tmp_path: Path
) -> None:
    landing = Landing(open_storage(str(tmp_path / "landing")))
    write_log(logs, "a.json", [request("a", DAY)])
    load_gateway(gateway, landing)
    batch = msgspec.json.decode(landing.storage.get("batches/1").data)
    del batch["fingerprint"], batch["sha256"]
    landing.storage.put("batches/1", msgspec.json.encode(batch))
    assert decode_batch(landing.storage.get("batches/1").data).fingerprint == ""
    # nobody knows how it was read
    assert load_gateway(gateway, Landing(landing.storage)).batch == 2
