"""`tollbook export` that is killed leaves a month's folder as it was, or whole, and goes on."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from test_close import bytes_below, told
from workspace_runs import copy_workspace
from workspaces import start_run

pytestmark = pytest.mark.whole

CLOSED = "2026-09"
OPEN = "2026-10"
MONTHS = (CLOSED, OPEN)


@dataclass(frozen=True, slots=True)
class Exports:
    """A company with a closed month and an open one, and what both left."""

    folder: Path
    whole: dict[str, dict[str, str]]
    # of the command, with a process of its own
    seconds: float

    def spoil(self, month: str) -> dict[str, str]:
        """A file is another one, one is gone and one is a person's: what the folder has then."""
        folder = self.folder / "exports" / month
        (folder / "chargeback.csv").write_text("edited\n")
        (folder / "focus_1_2.csv").unlink()
        (folder / "notes.txt").write_text("ours\n")
        return bytes_below(folder)

    def export(self, month: str) -> dict[str, str]:
        done, said = told(self.folder, "export", month)
        assert done, said
        return bytes_below(self.folder / "exports" / month)


@pytest.fixture(scope="module")
def exports(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Exports:
    folder = copy_workspace(small, tmp_path_factory.mktemp("exports") / "company")
    done, said = told(folder, "close", CLOSED)
    assert done, said
    whole = {month: bytes_below(folder / "exports" / month) for month in MONTHS}
    began = time.monotonic()
    assert start_run(folder, "export", OPEN).wait() == 0
    return Exports(folder, whole, time.monotonic() - began)


def assert_exports_after_a_kill(exports: Exports, month: str, reached: Callable[[], bool]) -> int:
    """How the process ended: -9, or 0 where it was done first."""
    spoilt, own = exports.spoil(month), {"notes.txt"}
    process = start_run(exports.folder, "export", month)
    while process.poll() is None and not reached():
        time.sleep(0.001)
    process.kill()
    process.communicate()
    found = bytes_below(exports.folder / "exports" / month)
    without_own = {name: digest for name, digest in found.items() if name not in own}
    assert found == spoilt or without_own == exports.whole[month]
    after = exports.export(month)
    assert after.keys() - own == exports.whole[month].keys() and own <= after.keys()
    assert {**after, **exports.whole[month]} == after
    # nothing of it is left beside the months
    assert not list((exports.folder / "exports").glob(f".{month}*"))
    return process.returncode


@pytest.mark.parametrize("month", MONTHS)
def test_an_export_that_is_killed_as_it_writes_leaves_no_half_folder(
    month: str, exports: Exports
) -> None:
    staged = exports.folder / "exports"
    ended = assert_exports_after_a_kill(
        exports, month, lambda: any(staged.glob(f".{month}.*.new/*"))
    )
    assert ended == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.parametrize("moment", range(20))
def test_an_export_that_is_killed_at_any_moment(moment: int, exports: Exports) -> None:
    # from before its first import to after its last file
    began, after = time.monotonic(), Random(moment).uniform(0, exports.seconds)
    month = MONTHS[moment % 2]
    assert_exports_after_a_kill(exports, month, lambda: time.monotonic() - began > after)
