"""Batch lists that are read as one object: what is read, and that nothing else comes out."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from ingestion.contracts import TABLES
from ingestion.landing import checkpoints
from ingestion.landing.batches import Batch
from ingestion.landing.checkpoints import LISTS, delete_held
from ingestion.landing.landing import BATCHES, Landing
from ingestion.records import SourceError
from ingestion.storage.objects import LocalStorage, Storage, open_storage
from ingestion.storage.stored import Content

MORE = 5
LATER = datetime.now(UTC) + timedelta(days=2)


def commit(landing: Landing, count: int) -> None:
    for _ in range(count):
        number = landing.plan().number
        assert landing.commit(Batch(number, "prod", "gateway", "lines 1", [], [], []))


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    """A landing of many lists of which most are one object."""
    storage = open_storage(str(tmp_path / "landing"))
    landing = Landing(storage)
    commit(landing, LISTS)
    landing.checkpoint()
    commit(landing, MORE)
    return storage


@pytest.fixture
def read(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    get = LocalStorage.get

    def noted(storage: LocalStorage, name: str) -> Content:
        names.append(name)
        return get(storage, name)

    monkeypatch.setattr(LocalStorage, "get", noted)
    return names


def plain(storage: Storage) -> list[Batch]:
    """What the lists themselves say."""
    lists = storage.child(BATCHES)
    for info in list(lists.list()):
        if checkpoints.checkpoint_number(info.name):
            lists.delete(info.name)
    return unsigned(Landing(storage))


def unsigned(landing: Landing) -> list[Batch]:
    """Without the hash of each list, which says nothing of what landed."""
    return [msgspec.structs.replace(batch, sha256="") for batch in landing.batches()]


def test_few_lists_are_read_and_all_batches_are_known(storage: Storage, read: list[str]) -> None:
    found = unsigned(Landing(storage))
    assert len(read) == MORE + 2
    assert [batch.batch for batch in found] == list(range(1, LISTS + MORE + 1))
    assert found == plain(storage)


def kept(storage: Storage) -> set[str]:
    names = {info.name for info in storage.child(BATCHES).list()}
    return {name for name in names if not name.isdecimal()}


def more(storage: Storage) -> Landing:
    """Another checkpoint, and few lists after it."""
    landing = Landing(storage)
    commit(landing, LISTS - MORE)
    landing.checkpoint()
    commit(landing, MORE)
    return landing


def test_the_newest_two_checkpoints_stay(storage: Storage) -> None:
    Landing(storage).checkpoint()
    assert kept(storage) == {f"{LISTS}.checkpoint"}
    more(storage)
    assert kept(storage) == {f"{LISTS}.checkpoint", f"{2 * LISTS}.checkpoint"}
    more(storage)
    assert kept(storage) == {f"{2 * LISTS}.checkpoint", f"{3 * LISTS}.checkpoint"}
    assert unsigned(Landing(storage)) == plain(storage)


def test_old_lists_that_two_checkpoints_hold_go_and_every_batch_stays(storage: Storage) -> None:
    lists = storage.child(BATCHES)
    assert delete_held(lists, LATER) == 0  # one checkpoint alone holds them
    before = unsigned(more(storage))
    assert delete_held(lists) == 0  # written just now
    assert delete_held(lists, LATER) == LISTS - 1
    assert {int(i.name) for i in lists.list() if i.name.isdecimal()} == set(
        range(LISTS, 2 * LISTS + MORE + 1)
    )
    assert unsigned(Landing(storage)) == before
    assert Landing(storage).plan().number == 2 * LISTS + MORE + 1
    commit(Landing(storage), 1)
    assert unsigned(Landing(storage))[:-1] == before
    assert delete_held(lists, LATER) == 0


@pytest.mark.parametrize("lost", [LISTS, 2 * LISTS])
@pytest.mark.parametrize("damaged", [True, False])
def test_either_checkpoint_is_enough_where_its_lists_are_gone(
    storage: Storage, lost: int, damaged: bool
) -> None:
    lists = storage.child(BATCHES)
    before = unsigned(more(storage))
    assert delete_held(lists, LATER)
    name = f"{lost}.checkpoint"
    if damaged:
        lists.put(name, lists.get(name).data[:-9])
    else:
        lists.delete(name)
    assert unsigned(Landing(storage)) == before
    assert delete_held(lists, LATER) == 0


def test_lists_that_no_checkpoint_holds_any_more_are_told(storage: Storage) -> None:
    more(storage)
    lists = storage.child(BATCHES)
    assert delete_held(lists, LATER)
    for number in (LISTS, 2 * LISTS):
        lists.delete(f"{number}.checkpoint")
    with pytest.raises(SourceError, match="batch lists have gaps"):
        Landing(storage).batches()


def test_files_whose_replacing_list_is_gone_are_swept(tmp_path: Path) -> None:
    storage = open_storage(str(tmp_path / "landing"))
    landing = Landing(storage)
    rows = TABLES["requests"].empty_table()
    day = "2026-10-01"
    old = landing.write(number=1, table="requests", source="prod", usage_date=day, rows=rows)
    assert landing.commit(Batch(1, "prod", "gateway", "lines 1", [], [old], []))
    assert landing.commit(Batch(2, "prod", "compaction", "", [], [], [old.path]))
    for _ in range(2):
        commit(landing, LISTS)
        landing.checkpoint()
    assert delete_held(storage.child(BATCHES), LATER)
    assert Landing(storage).sweep(LATER) == [old.path]


def cut(lists: Storage) -> None:
    name = f"{LISTS}.checkpoint"
    lists.put(name, lists.get(name).data[:-9])


def no_text(lists: Storage) -> None:
    lists.put(f"{LISTS}.checkpoint", b"no checkpoint")


def beyond(lists: Storage) -> None:
    """As of a copy of the lists that was made before it."""
    lists.put(f"{LISTS + 10}.checkpoint", lists.get(f"{LISTS}.checkpoint").data)
    lists.delete(f"{LISTS}.checkpoint")


def other_name(lists: Storage) -> None:
    lists.put(f"{LISTS + 1}.checkpoint", lists.get(f"{LISTS}.checkpoint").data)


@pytest.mark.parametrize("damage", [cut, no_text, beyond, other_name])
def test_a_checkpoint_that_does_not_fit_is_no_checkpoint(
    storage: Storage, damage: Callable[[Storage], None]
) -> None:
    damage(storage.child(BATCHES))
    found = unsigned(Landing(storage))
    assert len(found) == LISTS + MORE
    assert found == plain(storage)


def test_lists_of_another_landing_are_not_taken_for_its_own(storage: Storage) -> None:
    """Somebody emptied the lists, and what was loaded again has as many."""
    lists = storage.child(BATCHES)
    for number in range(1, LISTS + MORE + 1):
        lists.delete(str(number))
    landing = Landing(storage)
    for _ in range(LISTS + MORE):
        number = landing.plan().number
        assert landing.commit(Batch(number, "other", "gateway", "lines 1", [], [], []))
    assert {batch.source for batch in Landing(storage).batches()} == {"other"}


def test_a_missing_list_is_told_though_the_checkpoint_holds_it(storage: Storage) -> None:
    storage.child(BATCHES).delete("7")
    with pytest.raises(SourceError, match="batch lists have gaps"):
        Landing(storage).batches()
