"""Bounds of a live pull: a server may answer without end, one byte at a time, or too much."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ingestion.records import SourceError
from ingestion.workspace.formats import LIMITS

MEGABYTE: Final = 1_000_000


@dataclass(slots=True)
class Limits:
    """What one pull may take; `now` is a clock in seconds."""

    most: Mapping[str, int]
    entry: str  # of tollbook.yaml that says them, a bill's `api:`, say
    otherwise: str = "ask for fewer days with `since`"
    now: Callable[[], float] = time.monotonic
    received: int = 0
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.now()

    def page_seconds(self) -> float:
        """Seconds that the next answer may take. Raises SourceError where none are left."""
        left = self.started + self.most["max_seconds"] - self.now()
        if left <= 0:
            raise self.reached("max_seconds", "the pull takes longer than {} s")
        return min(left, self.most["max_page_seconds"])

    def slow(self, path: str) -> SourceError:
        """Of an answer that did not end in time."""
        if self.now() - self.started >= self.most["max_seconds"]:
            return self.reached("max_seconds", "the pull takes longer than {} s")
        return self.reached("max_page_seconds", f"{path} has not ended its answer after {{}} s")

    def check_page(self, path: str, size: int) -> None:
        if size > self.most["max_page_mb"] * MEGABYTE:
            raise self.reached("max_page_mb", f"{path} answers with more than {{}} MB")

    def count(self, size: int) -> None:
        self.received += size
        if self.received > self.most["max_pull_mb"] * MEGABYTE:
            raise self.reached("max_pull_mb", "the pull has more than {} MB")

    def check_pages(self, path: str, number: int) -> None:
        if number > self.most["max_pages"]:
            raise self.reached("max_pages", f"{path} has more than {{}} pages")

    def reached(self, name: str, what: str) -> SourceError:
        return SourceError(
            f"{what.format(self.most[name])}: where that is right, raise `{name}` in the"
            f" {self.entry}, else {self.otherwise}"
        )


def limits_of(
    options: Mapping[str, Any], kind: str, now: Callable[[], float] = time.monotonic
) -> Limits:
    """Limits of an `api:` entry, which was checked when the workspace was read."""
    return Limits(_most(options), f"{kind}'s `api:` entry", now=now)


def limits_of_limits(
    options: Mapping[str, Any], now: Callable[[], float] = time.monotonic
) -> Limits:
    """As of a `limits_api:` entry, which has no days."""
    return Limits(_most(options), "`limits_api:` entry", "see why it has so many", now)


def _most(options: Mapping[str, Any]) -> dict[str, int]:
    return {name: int(options.get(name, most)) for name, (most, _) in LIMITS.items()}
