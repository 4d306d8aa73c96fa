"""Files of closed months are read once, and again where their listing changed."""

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from ingestion.storage.objects import LocalStorage
from ingestion.storage.stored import Content
from ingestion.workspace.settings import Workspace
from orchestration.exports.as_left import FilesAsLeft
from tests.orchestration.small_warehouse import write_workspace

FILES = {"manifest.json": b"m", "teams/hr/showback.csv": b"s"}
LEFT = {name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()}


class Counted(LocalStorage):
    """Says what of it was read."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.read: list[str] = []

    def get_many(self, names: Iterable[str]) -> Iterator[tuple[str, Content]]:
        for name in names:
            self.read.append(name)
            yield name, self.get(name)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return write_workspace(tmp_path / "acme")


@pytest.fixture
def month(workspace: Workspace) -> Path:
    folder = Path(workspace.exports) / "2026-09"
    LocalStorage(folder).put_all(FILES, [])
    # older than what might be written again within a tick of its clock
    time.sleep(2.1)
    return folder


def looked(workspace: Workspace, month: Path) -> tuple[bool, list[str]]:
    storage, known = Counted(month), FilesAsLeft(workspace)
    held = known.hold(storage, LEFT)
    known.save()
    return held, storage.read


def test_a_file_is_read_again_where_it_may_be_another_one(
    workspace: Workspace, month: Path
) -> None:
    assert looked(workspace, month) == (True, sorted(FILES))
    assert looked(workspace, month) == (True, [])
    (month / "note.txt").write_text("mine")
    assert looked(workspace, month) == (True, [])
    edited = month / "teams/hr/showback.csv"
    times = edited.stat()
    edited.write_bytes(b"t")
    os.utime(edited, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert looked(workspace, month) == (False, ["teams/hr/showback.csv"])
    edited.unlink()
    assert looked(workspace, month) == (False, [])


def test_a_note_that_is_damaged_is_none(workspace: Workspace, month: Path) -> None:
    looked(workspace, month)
    (workspace.file.parent / ".tollbook" / "seen_exports.json").write_text("{")
    assert looked(workspace, month) == (True, sorted(FILES))
