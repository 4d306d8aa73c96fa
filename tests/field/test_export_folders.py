"""A month's folder is replaced whole: a full disk, or a kill, leaves the old one or the new one."""

import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import duckdb
import pytest
from moto import mock_aws

from ingestion.records import SourceError
from ingestion.storage import whole_folders
from ingestion.storage.objects import open_storage
from ingestion.storage.s3 import S3Storage
from ingestion.workspace.settings import Workspace
from orchestration.exports.months import export_open_months
from orchestration.publishing.publish import publish
from tests.orchestration.small_warehouse import MODELS, ORIGIN, write_warehouse, write_workspace

OLD = {"chargeback.csv": b"old c", "showback.csv": b"old s", "manifest.json": b"old m"}
NEW = {"showback.csv": b"new s", "chargeback.csv": b"new c", "manifest.json": b"new m"}


def read(folder: Path) -> dict[str, bytes]:
    """All of it, hidden files and folders as well."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.fixture
def month(tmp_path: Path) -> Path:
    folder = tmp_path / "exports" / "2026-10"
    open_storage(str(folder)).put_all(OLD, [])
    return folder


@pytest.fixture
def without_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on file systems that cannot swap two names."""
    monkeypatch.setattr(whole_folders.ctypes, "CDLL", lambda *_, **__: object())


def test_files_are_replaced_and_what_a_person_laid_there_stays(month: Path) -> None:
    (month / "notes").mkdir()
    (month / "notes" / "mine.txt").write_text("mine")
    (month / "chargeback.csv").chmod(0o640)
    open_storage(str(month)).put_all(NEW, [])
    assert read(month) == {**NEW, "notes/mine.txt": b"mine"}
    assert (month / "chargeback.csv").stat().st_mode & 0o777 == 0o640
    open_storage(str(month)).put_all({"manifest.json": b"refused"}, ["chargeback.csv"])
    assert "chargeback.csv" not in read(month)
    assert list(read(month.parent)) == [
        *("2026-10/manifest.json", "2026-10/notes/mine.txt", "2026-10/showback.csv")
    ]


@pytest.mark.usefixtures("without_exchange")
def test_two_names_are_enough_where_they_cannot_be_swapped(month: Path) -> None:
    open_storage(str(month)).put_all(NEW, [])
    assert read(month.parent) == {f"2026-10/{name}": data for name, data in NEW.items()}


def test_a_name_may_have_folders_and_what_lies_in_them_stays(month: Path) -> None:
    for name in ("journals/xero/mine.csv", "journals/old/mine.csv"):
        (month / name).parent.mkdir(parents=True)
        (month / name).write_text("mine")
    nested = {**NEW, "journals/xero/a.csv": b"a", "journals/netsuite/b.csv": b"b"}
    open_storage(str(month)).put_all(nested, [])
    mine = {"journals/old/mine.csv": b"mine", "journals/xero/mine.csv": b"mine"}
    assert read(month) == {**nested, **mine}
    before = (month / "journals").stat().st_ino
    open_storage(str(month)).put_all(nested, [])
    assert (month / "journals").stat().st_ino == before
    open_storage(str(month)).put_all({"journals/xero/a.csv": b"c"}, ["journals/netsuite/b.csv"])
    assert read(month) == {**NEW, **mine, "journals/xero/a.csv": b"c"}


@pytest.mark.parametrize("write", range(5))
def test_a_disk_that_is_full_at_any_write_leaves_the_old_folder(
    month: Path, monkeypatch: pytest.MonkeyPatch, write: int
) -> None:
    synced = iter(range(100))

    def full(descriptor: int) -> None:
        if next(synced) == write:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(whole_folders.os, "fsync", full)
    with pytest.raises(SourceError, match="No space left on device"):
        open_storage(str(month)).put_all(NEW, [])
    # the fifth is the name of the new folder, which is there by then
    whole = NEW if write == 4 else OLD
    assert read(month.parent) == {f"2026-10/{name}": data for name, data in whole.items()}


KILLED = """
import os, signal, sys
from ingestion.storage import whole_folders
from ingestion.storage.objects import open_storage
from ingestion.storage.s3 import S3Storage
at, name = int(sys.argv[2]), sys.argv[3]
called = iter(range(100))
whole = getattr(whole_folders, name)
def killed(*arguments):
    if next(called) == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(*arguments)
setattr(whole_folders, name, killed)
open_storage(sys.argv[1]).put_all({"showback.csv": b"new s", "chargeback.csv": b"new c",
                                   "manifest.json": b"new m"}, [])
"""


@pytest.mark.parametrize(
    ("at", "name", "left"), [(1, "_write", OLD), (0, "_exchange", OLD), (1, "_sync", NEW)]
)
def test_a_kill_leaves_one_of_the_two_and_the_next_export_cleans_up(
    month: Path, at: int, name: str, left: dict[str, bytes]
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(month), str(at), name], check=False, timeout=60
    )
    assert ended.returncode == -signal.SIGKILL
    assert read(month) == left
    open_storage(str(month)).put_all(NEW, [])
    assert read(month.parent) == {f"2026-10/{name}": data for name, data in NEW.items()}


@pytest.mark.usefixtures("without_exchange")
def test_a_kill_between_two_renames_is_mended_by_the_next_export(month: Path) -> None:
    month.rename(month.with_name(".2026-10.0123.old"))
    open_storage(str(month)).put_all({"manifest.json": b"new m"}, ["showback.csv"])
    assert read(month.parent) == {
        "2026-10/chargeback.csv": b"old c",
        "2026-10/manifest.json": b"new m",
    }


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = write_workspace(tmp_path / "acme")
    write_warehouse(workspace.warehouse, {"2026-09-01": ("a", 1)})
    publish(workspace.warehouse, workspace.marts, MODELS, ORIGIN)
    return workspace


def test_a_full_disk_keeps_the_months_files_of_the_run_before(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_open_months(workspace)
    before = read(Path(workspace.exports))
    (Path(workspace.exports) / "2026-09" / "showback.csv").write_text("of the run before\n")
    before["2026-09/showback.csv"] = b"of the run before\n"

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(whole_folders, "_write", full)
    with pytest.raises(SourceError, match=r"2026-09: No space left on device"):
        export_open_months(workspace)
    assert read(Path(workspace.exports)) == before


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="exports")
        yield "s3://exports/2026-10"


def test_in_a_bucket_the_manifest_makes_the_month_whole(bucket: str) -> None:
    """It is written last; a chargeback.csv that is refused goes before."""
    storage = open_storage(bucket)
    storage.put_all(OLD, [])
    puts: list[str] = []
    put, delete = storage.put, storage.delete
    storage.put = lambda name, data: (puts.append(name), put(name, data))  # type: ignore[method-assign]
    storage.delete = lambda name: (puts.append(f"-{name}"), delete(name))  # type: ignore[method-assign]
    storage.put_all({"showback.csv": b"s", "manifest.json": b"m"}, ["chargeback.csv"])
    assert puts == ["-chargeback.csv", "showback.csv", "manifest.json"]
    assert [info.name for info in storage.list()] == ["manifest.json", "showback.csv"]


def objects(bucket: str) -> dict[str, bytes]:
    storage = open_storage(bucket)
    return {info.name: storage.get(info.name).data for info in storage.list(may_be_missing=True)}


def test_a_month_in_a_bucket_is_that_of_a_folder_and_costs_what_changed(
    workspace: Workspace, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_open_months(workspace)
    there = replace(workspace, exports="s3://exports/out")
    export_open_months(there)
    assert objects("s3://exports/out") == read(Path(workspace.exports))
    puts: list[str] = []
    put = S3Storage.put
    monkeypatch.setattr(
        S3Storage, "put", lambda self, name, data: (puts.append(name), put(self, name, data))
    )
    export_open_months(there)
    assert puts == []
    open_storage("s3://exports/out/2026-09").delete("teams/hr/showback.csv")
    export_open_months(there)
    assert puts == ["teams/hr/showback.csv"]


def test_a_month_that_was_cut_off_in_a_bucket_is_not_what_its_manifest_says(
    workspace: Workspace, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = replace(workspace, exports="s3://exports/out")
    export_open_months(there)
    with duckdb.connect(workspace.warehouse) as connection:
        connection.execute("update main.mart_showback_monthly set requests = requests + 1")
    publish(workspace.warehouse, workspace.marts, MODELS, ORIGIN)
    put = S3Storage.put

    def cut(self: S3Storage, name: str, data: bytes) -> None:
        if name == "manifest.json":
            raise SourceError("cut off")
        put(self, name, data)

    monkeypatch.setattr(S3Storage, "put", cut)
    with pytest.raises(SourceError, match="cut off"):
        export_open_months(there)
    assert not is_whole(objects("s3://exports/out/2026-09"))
    monkeypatch.setattr(S3Storage, "put", put)
    export_open_months(there)
    assert is_whole(objects("s3://exports/out/2026-09"))


def is_whole(files: dict[str, bytes]) -> bool:
    said = json.loads(files["manifest.json"])["files"]
    return all(
        hashlib.sha256(files[name]).hexdigest() == entry["sha256"] for name, entry in said.items()
    )
