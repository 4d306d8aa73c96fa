"""Files that are known without being read: which are, and when they are read again."""

import os
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from ingestion.landing.bills import load_bill
from ingestion.landing.landing import Landing
from ingestion.landing.loading import LoadResult, load_gateway
from ingestion.storage import seen_files
from ingestion.storage.objects import LocalStorage, open_storage
from ingestion.storage.seen_files import SeenFiles
from ingestion.storage.stored import Content
from ingestion.workspace.sources import Bill, Gateway
from tests.ingestion.readers import request, write_log

DAY = "2026-10-01T12:00:00Z"
NAMES = ["a.json", "b.json"]
Load = Callable[[], LoadResult]


@pytest.fixture
def local(tmp_path: Path) -> Landing:
    return Landing(open_storage(str(tmp_path / "landing")))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files of logs and bills that are read from here on."""
    names: list[str] = []
    get = LocalStorage.get

    def noted(storage: LocalStorage, name: str) -> Content:
        if storage.folder.name in ("logs", "bills"):
            names.append(name)
        return get(storage, name)

    monkeypatch.setattr(LocalStorage, "get", noted)
    # what a test wrote a moment ago is as good as old, where it does not say otherwise
    monkeypatch.setattr(seen_files, "YOUNG", timedelta(days=-1))
    return names


@pytest.fixture
def load(local: Landing, gateway: Gateway, logs: Path, tmp_path: Path, read: list[str]) -> Load:
    """Loads two logs, each time as a new process would."""
    for name in NAMES:
        write_log(logs, name, [request(name, DAY)])
    return lambda: load_gateway(gateway, local, seen=SeenFiles(tmp_path / "prod.json"))


def test_a_file_is_read_once(load: Load, read: list[str]) -> None:
    assert load().objects_new == 2
    assert read == NAMES
    assert (load().batch, load().objects_seen) == (None, 2)
    assert read == NAMES


@pytest.mark.parametrize("change", ["content", "time", "replaced"])
def test_a_file_that_anybody_wrote_is_read_again(
    load: Load, read: list[str], logs: Path, change: str
) -> None:
    load()
    file = logs / "b.json"
    before = file.stat()
    match change:
        case "content":
            # of the same size and time, as a program may leave it that sets the time
            file.write_text(file.read_text().replace("b.json", "c.json"))
            os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        case "time":
            os.utime(file)
        case "replaced":
            other = logs.parent / "other"
            other.write_bytes(file.read_bytes())
            os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
            other.replace(file)
    read.clear()
    assert load().objects_new == (1 if change == "content" else 0)
    assert read == ["b.json"]
    assert load().batch is None
    assert read == ["b.json"]


def test_a_file_of_the_last_two_seconds_is_read_again(
    load: Load, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen_files, "YOUNG", timedelta(days=1))
    load()
    read.clear()
    assert load().batch is None
    assert read == NAMES


def test_what_could_not_be_opened_is_tried_again(
    load: Load, read: list[str], monkeypatch: pytest.MonkeyPatch, logs: Path
) -> None:
    """Also where nothing of the file itself changes: a mount that comes back, a group of ours."""
    load()
    with monkeypatch.context() as patch:
        patch.setattr(
            LocalStorage,
            "_path",
            lambda storage, name: logs if name == "b.json" else storage.folder / name,
        )
        os.utime(logs / "b.json")
        result = load()
        [warning] = result.warnings
        assert "what landed of it before stands" in warning
        assert result.unopened == 1
    read.clear()
    again = load()
    assert (again.batch, again.unopened) == (None, 0)
    assert read == ["b.json"]


@pytest.mark.parametrize("note", [b"", b"{", b'{"a.json": 1}', b"\xff"])
def test_without_a_note_all_is_read_and_nothing_is_new(
    load: Load, read: list[str], tmp_path: Path, note: bytes
) -> None:
    load()
    (tmp_path / "prod.json").write_bytes(note)
    read.clear()
    assert load().batch is None
    assert read == NAMES


def test_files_that_read_otherwise_now_are_read_though_nobody_wrote_them(
    local: Landing, gateway: Gateway, tmp_path: Path, load: Load, read: list[str]
) -> None:
    load()
    read.clear()
    other = Gateway("prod", "lines", gateway.location, {"columns": {"model": "engine"}})
    load_gateway(other, local, seen=SeenFiles(tmp_path / "prod.json"))
    assert read == NAMES


def test_pages_of_a_bill_are_read_together_when_one_changed(
    local: Landing, tiny_readers: None, tmp_path: Path, read: list[str]
) -> None:
    bills = tmp_path / "bills"
    bills.mkdir()
    bill = Bill("openai", "tiny", "org-a", str(bills), None, "bill", {})
    for name, charge in zip(NAMES, ("1", "2"), strict=True):
        (bills / name).write_text(f'[["2026-10-01", "{charge}"]]')

    def load(names: Sequence[str]) -> None:
        read.clear()
        load_bill(bill, local, SeenFiles(tmp_path / "openai.json"))
        assert read == list(names)

    load(NAMES)
    load([])
    (bills / "b.json").write_text('[["2026-10-01", "3"]]')
    load(NAMES)
    load([])
