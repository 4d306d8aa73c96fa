"""The ledger as it lies in a folder or a bucket: whole, once, and known again by its hashes."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from moto.server import ThreadedMotoServer

from orchestration.ledger.books import Ledger, LedgerError
from orchestration.ledger.contract import FILES, IN_FILES

SEPTEMBER = date(2026, 9, 1)
OCTOBER = date(2026, 10, 1)
SAID = {"closed_at": "2026-10-03T06:00:00+00:00", "closed_by": "ann", "month": "2026-09"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def ledger(
    request: pytest.FixtureRequest, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Ledger:
    if request.param == "folder":
        return Ledger(str(tmp_path / "ledger"))
    for name, value in {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    bucket = f"books-{abs(hash(tmp_path)) % 10**9}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    return Ledger(f"s3://{bucket}/ledger")


def files(tmp_path: Path, amount: int) -> dict[str, bytes]:
    made: dict[str, bytes] = {"exports/chargeback.csv": f"total\n{amount}\n".encode()}
    for table in IN_FILES:
        file = tmp_path / f"{table}-{amount}.parquet"
        pq.write_table(pa.table({"amount": [amount]}), file)
        made[f"{FILES.get(table, table)}.parquet"] = file.read_bytes()
    return made


def test_a_month_is_closed_once_and_the_second_writer_loses(ledger: Ledger, tmp_path: Path) -> None:
    assert ledger.months() == [] and ledger.month(SEPTEMBER) is None
    assert ledger.write(SEPTEMBER, files(tmp_path, 1), SAID)
    assert not ledger.write(SEPTEMBER, files(tmp_path, 2), {**SAID, "closed_by": "bob"})
    [closed] = ledger.months()
    assert (closed.month, closed.said["closed_by"]) == (SEPTEMBER, "ann")
    assert ledger.contents(closed, "exports") == {"chargeback.csv": b"total\n1\n"}


def test_what_was_written_without_its_manifest_is_no_month(ledger: Ledger, tmp_path: Path) -> None:
    # a close that was killed: its files lie there, and the next one closes
    ledger.storage.child("2026-09/0123456789abcdef").put("closed_lines.parquet", b"half")
    assert ledger.months() == []
    assert ledger.write(SEPTEMBER, files(tmp_path, 1), SAID)
    assert [each.month for each in ledger.months()] == [SEPTEMBER]


def test_files_of_all_months_are_read_where_they_are_or_mirrored(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.write(SEPTEMBER, files(tmp_path, 1), SAID)
    ledger.write(OCTOBER, files(tmp_path, 2), {**SAID, "month": "2026-10"})
    local = ledger.local_files(tmp_path / "cache")
    for table in IN_FILES:
        assert [pq.read_table(file)["amount"].to_pylist() for file in local[table]] == [[1], [2]]


def test_an_edited_or_lost_file_is_named_and_stays(ledger: Ledger, tmp_path: Path) -> None:
    ledger.write(SEPTEMBER, files(tmp_path, 1), SAID)
    [closed] = ledger.months()
    lines = next(path for path in closed.files if path.endswith("/closed_lines.parquet"))
    ledger.storage.put(lines, b"edited")
    for asked in (
        lambda: ledger.verified_bytes(closed, lines),
        lambda: ledger.local_files(tmp_path / "cache"),
    ):
        with pytest.raises(LedgerError, match=r"closed_lines\.parquet: is not what was closed"):
            asked()
    assert ledger.storage.get(lines).data == b"edited"
    ledger.storage.delete(lines)
    with pytest.raises(LedgerError, match=r"closed_lines\.parquet: is not what was closed"):
        ledger.verified_bytes(closed, lines)


@pytest.mark.parametrize("edited", [b"{}", b"[]", b"not JSON", b'{"sha256": "", "files": {}}'])
def test_an_edited_manifest_is_named(ledger: Ledger, tmp_path: Path, edited: bytes) -> None:
    ledger.write(SEPTEMBER, files(tmp_path, 1), SAID)
    ledger.storage.put("2026-09/manifest.json", edited)
    with pytest.raises(LedgerError, match=r"2026-09/manifest\.json: is no"):
        ledger.months()
    data = json.dumps({**SAID, "files": {}, "sha256": "0" * 64}).encode()
    ledger.storage.put("2026-09/manifest.json", data)
    with pytest.raises(LedgerError, match="is not what was closed"):
        ledger.months()
