import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from ingestion.records import SourceError
from ingestion.storage.objects import Storage, open_storage


@pytest.fixture(params=["local", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "local":
        return open_storage(str(tmp_path / "folder"))
    return open_storage(f"s3://{request.getfixturevalue('bucket')}/some/prefix")


def names(storage: Storage) -> list[str]:
    return [info.name for info in storage.list(may_be_missing=True)]


def test_what_is_put_is_listed_sorted_and_read(storage: Storage) -> None:
    assert names(storage) == []
    for name in ("b/2.json", "a-1.json", "a/1.json", "a b=é.json"):
        storage.put(name, name.encode())
    assert names(storage) == ["a b=é.json", "a-1.json", "a/1.json", "b/2.json"]
    contents = list(storage.get_many(names(storage)))
    assert [(name, content.data.decode()) for name, content in contents] == [
        (name, name) for name in names(storage)
    ]
    assert names(storage.child("a")) == ["1.json"]
    assert storage.child("b").get("2.json").data == b"b/2.json"
    storage.delete("b/2.json")
    storage.delete("b/2.json")
    assert names(storage.child("b")) == []


def test_version_means_content(storage: Storage) -> None:
    storage.put("one", b"same")
    storage.put("two", b"same")
    storage.put("three", b"othr")
    one, two, three = (storage.get(name).version for name in ("one", "two", "three"))
    assert one == two != three
    listed = {info.name: info.version for info in storage.list()}
    assert listed["one"] in (None, one)


def test_only_one_of_many_creates_an_object(storage: Storage) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: storage.create("batches/1", str(n).encode()), range(16)))
    assert won.count(True) == 1
    assert storage.get("batches/1").data == str(won.index(True)).encode()
    assert names(storage) == ["batches/1"]


def test_a_missing_object_is_told_in_one_sentence(storage: Storage) -> None:
    storage.put("there", b"")
    with pytest.raises(SourceError, match=r"gone: no such (file|object): it vanished"):
        storage.get("gone")


def test_unfinished_and_hidden_files_are_not_objects(tmp_path: Path) -> None:
    for name in (".DS_Store", "half.json.tmp", "whole.json", ".git/config"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert names(open_storage(str(tmp_path))) == ["whole.json"]


def test_a_missing_folder_is_an_error_unless_it_may_be(tmp_path: Path) -> None:
    missing = open_storage(str(tmp_path / "logs"))
    assert names(missing) == []
    with pytest.raises(SourceError, match="logs: no such folder: correct the location"):
        list(missing.list())
    (tmp_path / "logs").write_text("a file")
    with pytest.raises(SourceError, match="logs: is not a folder"):
        list(missing.list(may_be_missing=True))


def test_s3_listing_is_paged_and_stays_below_its_prefix(bucket: str) -> None:
    # through the server's own store: a thousand requests would take seconds
    stored = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    for key in ("logs/", "logs2/other", *(f"logs/{number:05}" for number in range(1005))):
        stored.put_object(bucket, key, b"")
    assert names(open_storage(f"s3://{bucket}/logs")) == [f"{n:05}" for n in range(1005)]


def test_s3_problems_are_told_in_one_sentence(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceError, match="s3://no-such: no such bucket"):
        list(open_storage("s3://no-such").list())
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(variable)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(SourceError, match="no credentials: set AWS_ACCESS_KEY_ID"):
        list(open_storage(f"s3://{bucket}").list())


def test_an_unreachable_endpoint_is_told_soon(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    waits: list[float] = []
    sleep = time.sleep

    def wait(seconds: float) -> None:
        # servers of other tests wait, too
        if threading.current_thread() is threading.main_thread():
            waits.append(seconds)
        else:
            sleep(seconds)

    monkeypatch.setattr(time, "sleep", wait)
    with pytest.raises(SourceError, match="the endpoint cannot be reached: check AWS_ENDPOINT_URL"):
        list(open_storage(f"s3://{bucket}").list())
    assert sum(waits) < 10


@pytest.mark.parametrize(
    ("raw", "listed"),
    [
        (b"bad\xff.jsonl", r"bad\xff.jsonl"),
        (b"two\xc3\x28\x80", r"two\xc3(\x80"),
        (rb"literal\xff", r"literal\xff"),
        (b"line\nesc\x1b", "line\nesc\x1b"),
        ("é'\";--".encode(), "é'\";--"),
    ],
)
def test_a_name_of_any_bytes_is_listed_as_text_and_read(
    tmp_path: Path, raw: bytes, listed: str
) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + raw)).write_bytes(b"content")
    storage = open_storage(str(tmp_path))
    assert names(storage) == [listed]
    assert listed.encode()
    assert storage.get(listed).data == b"content"
