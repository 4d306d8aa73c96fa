"""The run lock: one holder, a named one, and none left behind."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ingestion.workspace.settings import WorkspaceError
from orchestration.running.lock import (
    describe_holder,
    hold,
    if_free,
    is_held,
    last_holder,
    stand_still,
)

HOLDER = """
import sys
from pathlib import Path
from orchestration.running.lock import hold
with hold(Path(sys.argv[1]), "run 1", print):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_second_run_waits_and_says_who_holds_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "warehouse.duckdb.lock"
    messages: list[str] = []
    waiting, entered = threading.Event(), threading.Event()

    def tell(message: str) -> None:
        messages.append(message)
        waiting.set()

    def second() -> None:
        with hold(lock, "run 2", tell):
            entered.set()

    with hold(lock, "run 1", print):
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(5)
        assert not entered.is_set()
    assert entered.wait(5)
    thread.join()
    [message] = messages
    assert message.startswith("waiting for warehouse.duckdb.lock: held by run 1 (process ")


def test_every_holder_is_seen_while_it_runs_and_remembered_after(tmp_path: Path) -> None:
    lock = tmp_path / "warehouse.duckdb.lock"
    assert (is_held(lock), last_holder(lock)) == (False, "")
    with hold(lock, "run 1", print):
        assert is_held(lock)
        first = last_holder(lock)
    assert (is_held(lock), last_holder(lock)) == (False, first)
    with hold(lock, "run 2", print):
        assert last_holder(lock) != first


def test_a_moment_of_reading_keeps_the_next_run_out_and_never_waits(tmp_path: Path) -> None:
    lock = tmp_path / "warehouse.duckdb.lock"
    with if_free(lock) as free:
        assert not free  # no run was ever here
    with hold(lock, "run 1", print), if_free(lock) as free:
        assert not free
    with if_free(lock) as free:
        assert free
        assert is_held(lock)
    assert not is_held(lock)
    # what goes wrong while it reads is its own error
    with pytest.raises(BlockingIOError, match="of the reader"), if_free(lock):
        raise BlockingIOError("of the reader")


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    lock = tmp_path / "warehouse.duckdb.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    assert holder.stdout.readline() == "held\n"
    assert f"process {holder.pid}" in describe_holder(lock)
    holder.kill()
    holder.wait()
    holder.stdin.close()
    holder.stdout.close()
    with hold(lock, "run 2", pytest.fail):
        assert "run 2" in describe_holder(lock)


def test_a_lock_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(WorkspaceError, match="make its folder writable"),
        hold(tmp_path / "file" / "lock", "run", print),
    ):
        pass


@pytest.mark.parametrize("minutes", ["0", "0.005"])
def test_a_run_does_not_wait_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: str
) -> None:
    monkeypatch.setenv("TOLLBOOK_LOCK_MINUTES", minutes)
    lock = tmp_path / "warehouse.duckdb.lock"
    with hold(lock, "run 1", print):
        for other in (hold(lock, "run 2", print), stand_still(lock, print)):
            with pytest.raises(WorkspaceError) as told, other:
                pass
            text = str(told.value)
            assert text.startswith(f"{lock}: still held by run 1 (process ")
            assert f"after {minutes} minutes: " in text
            assert "TOLLBOOK_LOCK_MINUTES=240 waits for four hours" in text
        assert "run 1" in describe_holder(lock)
    with hold(lock, "run 2", pytest.fail):
        pass


@pytest.mark.parametrize("minutes", ["an hour", "-1", "inf", "nan"])
def test_a_patience_that_is_no_number_of_minutes_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: str
) -> None:
    monkeypatch.setenv("TOLLBOOK_LOCK_MINUTES", minutes)
    with (
        pytest.raises(WorkspaceError, match=f"`{minutes}` is not a number of minutes"),
        hold(tmp_path / "lock", "run", print),
    ):
        pass
