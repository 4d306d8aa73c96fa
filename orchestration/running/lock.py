"""One run at a time per warehouse: an OS lock, held from plan to publish.

`flock` goes when its process does, however it ends, so a lock is never left behind.
"""

import fcntl
import json
import math
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ingestion.workspace.settings import WorkspaceError

POLL_SECONDS: Final = 0.2
# How long a run waits for another one, in minutes.
PATIENCE: Final = "TOLLBOOK_LOCK_MINUTES"
PATIENCE_MINUTES: Final = 60.0


@contextmanager
def hold(path: Path, what: str, waiting: Callable[[str], object]) -> Iterator[None]:
    """Waits for the lock, telling through `waiting` who holds it, and holds it.

    Raises WorkspaceError where it cannot be had, not within the minutes that PATIENCE names either.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise WorkspaceError(
            f"{path}: cannot be opened ({error.strerror}): make its folder writable"
        ) from error
    try:
        _wait(descriptor, path, waiting)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, _holder(what), 0)
        yield
    finally:
        # lets go of the lock too; the name in it then describes nobody
        os.close(descriptor)


@contextmanager
def stand_still(path: Path, waiting: Callable[[str], object]) -> Iterator[None]:
    """Keeps runs out without writing down who does: for a moment of reading."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        # no run has begun here, and one that begins now has nothing to keep out of
        yield
        return
    except OSError as error:
        raise WorkspaceError(
            f"{path}: cannot be opened ({error.strerror}): make it readable"
        ) from error
    try:
        _wait(descriptor, path, waiting)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def if_free(path: Path) -> Iterator[bool]:
    """Whether no run is at work; while it lasts none begins. For a moment of reading."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            free = True
        except BlockingIOError:
            free = False
        yield free
    finally:
        os.close(descriptor)


def _wait(descriptor: int, path: Path, waiting: Callable[[str], object]) -> None:
    told, minutes = "", patience()
    until = time.monotonic() + 60 * minutes
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            holder = describe_holder(path)
            if time.monotonic() >= until:
                raise WorkspaceError(
                    f"{path}: still held by {holder} after {minutes:g} minutes: wait for it to end"
                    f" or end that process, then run again; {PATIENCE}=240 waits for four hours"
                ) from None
            if holder != told:
                waiting(f"waiting for {path.name}: held by {holder}")
                told = holder
            time.sleep(POLL_SECONDS)


def patience() -> float:
    """Minutes to wait for the lock; raises WorkspaceError for a setting that is no number."""
    text = os.environ.get(PATIENCE, "").strip()
    try:
        minutes = float(text) if text else PATIENCE_MINUTES
    except ValueError:
        minutes = math.nan
    if not 0 <= minutes < math.inf:
        raise WorkspaceError(
            f"{PATIENCE}: `{text}` is not a number of minutes: write it as 60, or 0 to not wait"
        )
    return minutes


def is_held(path: Path) -> bool:
    """Whether a run holds the lock now."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def last_holder(path: Path) -> str:
    """Another text after every run that began, even one that was killed; empty before the first."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def describe_holder(path: Path) -> str:
    """Who holds the lock, as its holder wrote it down."""
    try:
        holder = json.loads(last_holder(path))
        return (
            f"{holder['what']} (process {holder['pid']} on {holder['host']},"
            f" since {holder['since']})"
        )
    except (OSError, ValueError, KeyError, TypeError):
        return "another run"


def _holder(what: str) -> bytes:
    since = datetime.now(UTC).isoformat(timespec="milliseconds")
    facts = {"what": what, "pid": os.getpid(), "host": socket.gethostname(), "since": since}
    return json.dumps(facts).encode()
