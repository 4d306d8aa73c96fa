"""Dagster's log as the `tollbook` command shows it: what the assets say, not Dagster itself."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import dagster as dg

from ingestion.workspace.settings import Workspace
from orchestration.running.dagster_insides import said_text, step_told
from orchestration.running.display import PlainLines, Steps
from orchestration.running.warnings import keep_warnings

SAID: Final = "said_by_tollbook"
# Long work says how far it is this often, where no line moves.
PROGRESS_SECONDS: Final = 5.0
# The run that this process shows; Dagster makes the logger that tells of it.
_shown: list[Steps] = []


@contextmanager
def shown(steps: Steps) -> Iterator[None]:
    """The log of what runs in here is told to `steps`."""
    _shown.append(steps)
    try:
        yield
    finally:
        _shown.remove(steps)


def say(log: logging.Logger, text: str, level: int = logging.INFO) -> None:
    """A line of the run's log that also the command shows."""
    log.log(level, text, extra={SAID: True})


def warn(log: logging.Logger, workspace: Workspace, step: str, sentences: Sequence[str]) -> None:
    """All that a step warns of; a run that finds nothing new says it again."""
    for sentence in sentences:
        say(log, sentence, logging.WARNING)
    keep_warnings(workspace, step, sentences)


class Progress:
    """Says how far long work is: always where a line moves, else every few seconds."""

    def __init__(self, log: logging.Logger, what: str) -> None:
        self._log = log
        self._what = what
        self._told = time.monotonic()

    def count(self, done: int, total: int, last: str = "") -> None:
        display = _shown[-1].display if _shown else PlainLines()
        display.count(done, total, last)
        if isinstance(display, PlainLines) and time.monotonic() - self._told >= PROGRESS_SECONDS:
            self._told = time.monotonic()
            say(self._log, f"{self._what}: {done} of {total}{f', last {last}' if last else ''}")


class ProgressHandler(logging.Handler):
    """Shows what was said, without Dagster's decoration, and which step begins."""

    def emit(self, record: logging.LogRecord) -> None:
        steps = _shown[-1] if _shown else None
        if getattr(record, SAID, False):
            (steps.display if steps else PlainLines()).say(said_text(record))
        elif steps and (told := step_told(record)):
            key, begins = told
            (steps.begin if begins else steps.end)(key)


@dg.logger(config_schema={})
def progress_logger(context: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.Logger("tollbook")
    # a step's begin and end are debugging to Dagster
    logger.setLevel(logging.DEBUG)
    logger.addHandler(ProgressHandler())
    return logger
