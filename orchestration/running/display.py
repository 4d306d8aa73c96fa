"""How far a run is, as the terminal shows it: a line that moves, or plain lines elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from orchestration.terminal.escapes import PrintableStream, one_line

# What the steps are called that no source names.
STEPS: Final = {
    "reference": "read reference data",
    "warehouse_sources": "load warehouse",
    "dbt_build": "build models",
    "sources_recent": "check that sources are recent",
    "prices_checked": "check prices",
    "history__price_restatements": "keep restatements",
    "marts": "publish",
    "exports__open_months": "export open months",
    "exports__month": "export the month",
    "verdict": "verdict",
}


def step_name(key: str) -> str:
    """What people call a step of Dagster; `read_x` reads the source x."""
    if key.startswith("read_"):
        return key.replace("_", " ", 1)
    return STEPS.get(key, key.replace("__", " ").replace("_", " "))


class Display(Protocol):
    def say(self, text: str) -> None: ...

    def step(self, place: str, name: str) -> None: ...

    def count(self, done: int, total: int, last: str) -> None: ...


class PlainLines:
    """For files, pipes and logs; counts are said by who counts, every few seconds."""

    def say(self, text: str) -> None:
        print(one_line(text), file=sys.stderr, flush=True)

    def step(self, place: str, name: str) -> None:
        self.say(f"step {place}: {name}")

    def count(self, done: int, total: int, last: str) -> None: ...


class MovingLine:
    """For a terminal: what is said scrolls above one line that says where the run is."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None, place="", last="")

    def say(self, text: str) -> None:
        self._progress.console.print(Text(one_line(text)))

    def step(self, place: str, name: str) -> None:
        self._progress.reset(
            self._task, total=None, description=one_line(name), place=place, last=""
        )

    def count(self, done: int, total: int, last: str) -> None:
        told = f"{done} of {total} {one_line(last)}" if total else f"{done} {one_line(last)}"
        self._progress.update(self._task, completed=done, total=total or None, last=told)


class Steps:
    """Which step a run of `total` is at, and the seconds that each took."""

    def __init__(self, total: int, display: Display) -> None:
        self.total = total
        self.display = display
        self.seconds: dict[str, float] = {}
        self._began: dict[str, float] = {}

    def begin(self, key: str) -> None:
        self._began[key] = time.monotonic()
        self.display.step(f"{len(self._began)} of {self.total}", step_name(key))

    def end(self, key: str) -> None:
        if key in self._began:
            self.seconds[step_name(key)] = time.monotonic() - self._began[key]


@contextmanager
def open_display() -> Iterator[Display]:
    """On standard error; a terminal gets the moving line."""
    stream = sys.stderr
    if not stream.isatty():
        yield PlainLines()
        return
    # the line moves by commands to the terminal; every text of it is made harmless before
    raw = stream.unescaped if isinstance(stream, PrintableStream) else stream
    console = Console(file=raw, markup=False, highlight=False, emoji=False)
    columns = (
        TextColumn("{task.fields[place]}", markup=False),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[last]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as progress:
        yield MovingLine(progress)
