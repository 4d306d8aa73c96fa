"""Batch lists that are read as one object: what is read, and that nothing else comes out."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from ingestion.landing import checkpoints
from ingestion.landing.batches import Batch
from ingestion.landing.checkpoints import LISTS
from ingestion.landing.landing import BATCHES, Landing
from ingestion.records import SourceError
from ingestion.storage.objects import LocalStorage, Storage, open_storage
from ingestion.storage.stored import Content

MORE = 5


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


def test_the_next_checkpoint_replaces_the_one_before(storage: Storage) -> None:
    landing = Landing(storage)
    landing.checkpoint()
    commit(landing, LISTS - MORE)
    landing.checkpoint()
    names = {info.name for info in storage.child(BATCHES).list()}
    assert {name for name in names if not name.isdecimal()} == {f"{2 * LISTS}.checkpoint"}
    assert unsigned(Landing(storage)) == plain(storage)


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
