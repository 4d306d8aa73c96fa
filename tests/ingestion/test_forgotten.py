"""No file of the landing has people who are forgotten, and no later reading brings them back."""

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.contracts import TABLES
from ingestion.landing.forgetting.forgotten import (
    JSON,
    NAME,
    Forgotten,
    add_forgotten,
    name_to_come,
    only,
    read_forgotten,
)
from ingestion.landing.forgetting.rewriting import find, take_out
from ingestion.landing.key import NAME as KEY
from ingestion.landing.key import landing_key
from ingestion.landing.landing import Landing
from ingestion.landing.loading import load_gateway
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace.named_places import value_hmac
from ingestion.workspace.sources import Gateway
from tests.ingestion import readers
from tests.ingestion.readers import landed, request, write_log

DAY = "2026-10-01T12:00:00Z"
ANN, BOB = "ann@acme.example", "bob@acme.example"


def users(landing: Landing, cache: Path) -> list[tuple[object, ...]]:
    return landed(landing, cache, "requests", "request_id, user_id")


def bytes_of(landing: Landing) -> bytes:
    """Every object of it, decompressed where it is Parquet."""
    texts = []
    for info in landing.storage.list():
        data = landing.storage.get(info.name).data
        texts.append(data)
        if info.name.endswith(".parquet"):
            rows = pq.read_table(pa.BufferReader(data))
            texts.append(repr(rows.to_pylist()).encode())
    return b"".join(texts)


def forgotten_ann(landing: Landing) -> str:
    people = add_forgotten(landing.storage, ANN)
    take_out(landing, people)
    name = people.name_of(ANN)
    assert name is not None
    return name


def test_no_reading_brings_a_forgotten_person_back(
    landing: Landing,
    gateway: Gateway,
    logs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [request("a", DAY, user_id=ANN), request("b", DAY, user_id=BOB)]
    write_log(logs, "a.json", lines)
    landing_key(landing.storage)
    load_gateway(gateway, landing)
    found = find(landing, only(landing.storage, ANN))
    assert dict(found.records) == {("requests", "prod"): 1}
    assert users(landing, tmp_path / "c") == [("a", ANN), ("b", BOB)]

    name = forgotten_ann(landing)
    assert users(landing, tmp_path / "c") == [("a", name), ("b", BOB)]
    assert ANN.encode() not in bytes_of(landing)
    assert ANN.encode() not in landing.storage.get(NAME).data
    batches = len(landing.batches())

    # again is nothing; a longer log and a reader of another version read every record anew
    assert forgotten_ann(landing) == name
    assert len(landing.batches()) == batches
    write_log(logs, "a.json", [*lines, request("c", DAY, user_id=ANN)])
    assert load_gateway(gateway, Landing(landing.storage)).objects_new == 1
    monkeypatch.setattr(readers, "READER_VERSION", "2")
    assert load_gateway(gateway, Landing(landing.storage)).objects_new == 1
    again = Landing(landing.storage)
    assert {user for _, user in users(again, tmp_path / "c")} == {name, BOB}
    assert ANN.encode() not in bytes_of(again)


def test_a_kill_between_list_and_files_is_completed(
    landing: Landing, gateway: Gateway, logs: Path, tmp_path: Path
) -> None:
    write_log(logs, "a.json", [request("a", DAY, user_id=ANN)])
    load_gateway(gateway, landing)
    name = add_forgotten(landing.storage, ANN).name_of(ANN)
    assert users(landing, tmp_path / "c") == [("a", ANN)]
    assert forgotten_ann(Landing(landing.storage)) == name
    assert ANN.encode() not in bytes_of(landing)


def test_tags_and_json_lose_the_id_and_keep_every_other_character(landing: Landing) -> None:
    key = landing_key(landing.storage)
    people = only(landing.storage, 'a"nn')
    [person] = people.people.values()
    word = value_hmac(key, 'a"nn')
    texts = {
        "gateway_key_alias": ['user: a"nn', 'env=a"nn', 'a"nn b', 'A"NN'],
        "attributes": [r'{"x": 1.10, "who":"a\"nn"}', r'{"a\"nn": 1e-9}', "not json", '{"x":1}'],
        "unnamed_attributes": [f'{{"x":"{word}","y":"hmac:0"}}', None, "{}", "{}"],
    }
    rows = pa.table({name: pa.array(said, pa.string()) for name, said in texts.items()})
    rows = rows.append_column("cost", pa.array([Decimal("1.10")] * 4))
    after = people.without(rows)
    name = person.name
    assert after.to_pydict() == {
        "gateway_key_alias": [f"user: {name}", f"env={name}", 'a"nn b', 'A"NN'],
        "attributes": [
            f'{{"x": 1.10, "who":"{name}"}}',
            f'{{"{name}": 1e-9}}',
            "not json",
            '{"x":1}',
        ],
        "unnamed_attributes": [f'{{"x":"{value_hmac(key, name)}","y":"hmac:0"}}', None, "{}", "{}"],
        "cost": [Decimal("1.10")] * 4,
    }
    assert people.without(after) is after
    assert Forgotten().without(rows) is rows


def test_every_text_of_every_table_is_asked(landing: Landing) -> None:
    landing_key(landing.storage)
    people = only(landing.storage, ANN)
    for schema in TABLES.values():
        said = {
            field.name: f'{{"who": "{ANN}"}}' if field.name in JSON else ANN
            for field in schema
            if field.type == pa.string()
        }
        after = people.without(pa.Table.from_pylist([said]))
        assert ANN not in repr(after.to_pylist()) and len(said) > 1


def test_a_name_that_a_csv_has_to_say_first_waits(landing: Landing) -> None:
    landing_key(landing.storage)
    rows = pa.table({"user_id": [ANN]})
    name = name_to_come(landing.storage, ANN)
    assert name_to_come(landing.storage, BOB) != name == name_to_come(landing.storage, ANN)
    assert read_forgotten(landing.storage).without(rows) is rows
    assert ANN.encode() not in landing.storage.get(NAME).data
    assert add_forgotten(landing.storage, ANN).name_of(ANN) == name
    known = read_forgotten(landing.storage)
    assert known.without(rows).to_pydict() == {"user_id": [name]}
    assert known.name_of(BOB) is None and len(known.waiting) == 1
    assert name_to_come(landing.storage, ANN) == name


def test_a_list_that_does_not_fit_its_key_is_told(landing: Landing) -> None:
    add_forgotten(landing.storage, ANN)
    assert read_forgotten(landing.storage).name_of(ANN)
    landing.storage.put(KEY, b"0" * 64)
    with pytest.raises(SourceError, match="is of another key"):
        read_forgotten(landing.storage)
    landing.storage.put(NAME, b"{}")
    with pytest.raises(SourceError, match="is no list of people"):
        read_forgotten(landing.storage)


def test_what_cannot_be_asked_for_is_not_taken_for_missing(bucket: str) -> None:
    nowhere = Landing(open_storage(f"s3://{bucket}-nowhere/landing"))
    with pytest.raises(SourceError, match="no such bucket"):
        read_forgotten(nowhere.storage)
