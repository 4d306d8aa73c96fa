"""A command as a process of its own, with the CPU time and memory that it and its children took."""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SAMPLE_SECONDS: Final = 0.1
PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
PROC: Final = Path("/proc")
TOLD_LINES: Final = 12  # of a process that failed


@dataclass(frozen=True, slots=True)
class Spent:
    """`cpu` is user and system seconds; `peak` the most bytes that were resident at one moment,
    of all its processes where the system tells (Linux), else of the largest.
    """

    cpu: float
    peak: int
    output: str


class FailedError(RuntimeError):
    """A process that was to be measured did not do its work."""


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def tollbook(workspace: Path, *arguments: str) -> list[str]:
    """The command as users start it, without its console script's path."""
    main = "from orchestration.command import main; main()"
    return python("-c", main, "--workspace", str(workspace), *arguments)


def measured(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Spent:
    """Runs it to its end. Raises FailedError with what it said last."""
    process = subprocess.Popen(
        command,
        env={**os.environ, **(env or {})},
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output: list[str] = []
    assert process.stdout is not None
    reader = threading.Thread(target=lambda: output.append(process.stdout.read()))  # type: ignore[union-attr]
    reader.start()
    peak = _watched(process.pid, reader)
    # its own usage and that of all children that it waited for
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        last = "\n".join(output[0].splitlines()[-TOLD_LINES:])
        raise FailedError(f"{' '.join(command)}: exit status {process.returncode}\n{last}")
    unit = 1 if sys.platform == "darwin" else 1024
    # Linux counts in ru_maxrss what this process had when it started the other
    most = peak or usage.ru_maxrss * unit
    return Spent(usage.ru_utime + usage.ru_stime, most, output[0])


def _watched(pid: int, reader: threading.Thread) -> int:
    """The most bytes that were resident of a process and all below it, until it is silent."""
    peak = 0
    while reader.is_alive():
        peak = max(peak, _resident(pid))
        reader.join(SAMPLE_SECONDS)
    return peak


def _resident(pid: int) -> int:
    """Pages that a fork shares with its parent count in both."""
    try:
        pages = int((PROC / str(pid) / "statm").read_text().split()[1])
        threads = list((PROC / str(pid) / "task").iterdir())
        children = [child for each in threads for child in (each / "children").read_text().split()]
    except (OSError, IndexError):
        return 0
    return pages * PAGE_BYTES + sum(_resident(int(child)) for child in children)
