"""Landed and published bytes are compared with the hash recorded when they were written."""

import os
import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest
from botocore.exceptions import IncompleteReadError
from botocore.response import StreamingBody

from ingestion.landing.compaction import compact
from ingestion.landing.landing import Landing, open_landing
from ingestion.landing.loading import load_gateway
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Gateway
from orchestration.warehouse.built_days import BY_DAY, forget_lost_days, prepare_days
from orchestration.warehouse.parquet_days import VERIFIED, day_file, record_files
from tests.ingestion.readers import landed, request, write_log

DAY = "2026-10-01T12:00:00Z"
Damage = Callable[[Path], None]


def flip_first(file: Path) -> None:
    _flip(file, 0)


def flip_middle(file: Path) -> None:
    _flip(file, file.stat().st_size // 2)


def flip_in_place(file: Path) -> None:
    """The same inode, size and mtime: only ctime tells."""
    before = file.stat()
    _flip(file, file.stat().st_size // 3)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def truncate(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def empty(file: Path) -> None:
    os.truncate(file, 0)


def remove(file: Path) -> None:
    file.unlink()


DAMAGES = [flip_first, flip_middle, flip_in_place, truncate, empty, remove]


def _flip(file: Path, place: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(place)
        [byte] = opened.read(1)
        opened.seek(place)
        opened.write(bytes([byte ^ 1]))


@pytest.fixture
def landing(tmp_path: Path, tiny_readers: None) -> Landing:
    for number in range(3):
        write_log(tmp_path / "logs", f"{number}.json", [request(str(number), DAY)])
        load_gateway(
            Gateway("prod", "lines", str(tmp_path / "logs"), {}),
            open_landing(str(tmp_path / "landing")),
        )
    return open_landing(str(tmp_path / "landing"))


def parquet(landing: Landing) -> Path:
    return Path(landing.storage.location) / landing.visible_files()["requests"][1]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("used_before", [False, True])
def test_a_changed_landed_file_is_named_with_what_mends_it(
    landing: Landing, tmp_path: Path, damage: Damage, used_before: bool
) -> None:
    if used_before:
        assert len(landed(landing, tmp_path / "cache", "requests", "request_id")) == 3
    damage(parquet(landing))
    with pytest.raises(SourceError, match=r"is not what was landed.*restore it from a backup") as e:
        landing.local_files(tmp_path / "cache")
    assert str(parquet(landing)) in str(e.value)


def test_a_changed_file_is_never_merged_into_a_good_one(landing: Landing) -> None:
    flip_middle(parquet(landing))
    with pytest.raises(SourceError, match="is not what was landed"):
        compact(landing, "prod", files=2)


def test_a_restored_file_is_used_again(landing: Landing, tmp_path: Path) -> None:
    file = parquet(landing)
    data = file.read_bytes()
    truncate(file)
    with pytest.raises(SourceError):
        landing.local_files(tmp_path / "cache")
    file.write_bytes(data)
    assert len(landed(landing, tmp_path / "cache", "requests", "request_id")) == 3


def test_a_file_that_did_not_change_is_read_once(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing.local_files(tmp_path / "cache")

    def refuse(file: Path) -> None:
        raise AssertionError(f"{file} is read again")

    monkeypatch.setattr("ingestion.storage.verified_files._verified", refuse)
    assert landing.local_files(tmp_path / "cache")["requests"]


@pytest.mark.parametrize("note", [b"", b"{", b"\xff", b'{"a": 1}'])
def test_a_damaged_note_is_only_a_comparison_more(
    landing: Landing, tmp_path: Path, note: bytes
) -> None:
    landing.local_files(tmp_path / "cache")
    (tmp_path / "cache" / ".verified.json").write_bytes(note)
    assert landing.local_files(tmp_path / "cache")["requests"]


@pytest.mark.parametrize("place", range(0, 100, 7))
def test_every_flip_in_a_batch_list_is_named(landing: Landing, place: int) -> None:
    file = Path(landing.storage.location) / "batches" / "2"
    _flip(file, file.stat().st_size * place // 100)
    with pytest.raises(SourceError, match=r"batches/2: .*restore it from a backup"):
        Landing(landing.storage).batches()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_changed_day_of_the_marts_is_built_again(tmp_path: Path, damage: Damage) -> None:
    files = [
        day_file(tmp_path, table, date(2026, 9, day), "a") for table in BY_DAY for day in (1, 2)
    ]
    for file in files:
        file.parent.mkdir(parents=True)
        file.write_bytes(bytes(range(100)))
    record_files(tmp_path, files)
    built = "select day(usage_date) from built.built_days order by all"
    with duckdb.connect() as connection:
        prepare_days(connection)
        connection.execute(
            "insert into built.built_days values ('2026-09-01', 'a'), ('2026-09-02', 'a')"
        )
        forget_lost_days(connection, tmp_path)
        assert connection.execute(built).fetchall() == [(1,), (2,)]
        damage(files[-1])
        forget_lost_days(connection, tmp_path)
        assert connection.execute(built).fetchall() == [(1,)]
        # what nothing says of may be half of it
        (tmp_path / VERIFIED).unlink()
        forget_lost_days(connection, tmp_path)
        assert connection.execute(built).fetchall() == []


def test_landed_files_are_for_their_owner_alone(landing: Landing) -> None:
    files = [file for file in Path(landing.storage.location).rglob("*") if file.is_file()]
    assert len(files) == 7
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_the_retry_after_a_lost_answer_finds_its_own_list(bucket: str) -> None:
    storage = open_storage(f"s3://{bucket}/landing")
    assert storage.create("batches/1", b"mine")
    assert storage.create("batches/1", b"mine")
    assert not storage.create("batches/1", b"another")
    assert storage.get("batches/1").data == b"mine"


def test_an_answer_that_breaks_off_is_asked_for_again(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = open_storage(f"s3://{bucket}/logs")
    storage.put("a", b"whole")
    read, cut = StreamingBody.read, iter([True, True, False, True, True, True])

    def read_or_break_off(self: StreamingBody, amt: int | None = None) -> bytes:
        if next(cut):
            raise IncompleteReadError(actual_bytes=2, expected_bytes=5)
        return read(self, amt)

    monkeypatch.setattr(StreamingBody, "read", read_or_break_off)
    assert storage.get("a").data == b"whole"
    with pytest.raises(SourceError, match="logs/a: the answer broke off 3 times"):
        storage.get("a")
