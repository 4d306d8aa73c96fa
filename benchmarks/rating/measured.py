"""One run: the same requests by aggregate, as rows, and one call each; totals compared."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.rating.aggregate import Totals, aggregate, totals_of_rows
from benchmarks.rating.agreement import Agreement, agreement
from benchmarks.rating.peers import Peer
from benchmarks.rating.sample import sample
from benchmarks.rating.warehouse import build, opened, write_rows
from tests.pipeline.compiled_project import CompiledProject

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Rate:
    """`seconds` on the wall for `requests`, of the fastest round: other work only ever slows."""

    name: str
    requests: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


@dataclass(frozen=True, slots=True)
class Measured:
    aggregate: Rate
    rows: Rate
    rows_written: int
    totals: Totals
    peers: list[tuple[Rate, Agreement]]


@dataclass(frozen=True, slots=True)
class Size:
    """`rounds` are those that count; the first, of imports and cold caches, does not."""

    requests: int
    sampled: int
    rounds: int
    seed: int


class DisagreementError(AssertionError):
    """Aggregate and rows do not say the same: their speed would mean nothing."""


def measure(
    project: CompiledProject, file: Path, peers: Sequence[Peer], size: Size, say: Say
) -> Measured:
    """Builds the warehouse `file` and measures. Raises DisagreementError."""
    say(f"generating {size.requests:,} requests")
    build(project, file, size.requests, size.seed)
    say("writing a row per request and meter")
    with opened(file) as connection:
        started = time.perf_counter()
        written = write_rows(connection, project)
        seconds = time.perf_counter() - started
    with opened(file, read_only=True) as connection:
        totals, chosen = totals_of_rows(connection), sample(connection, size.sampled)
    calls = [(peer, [peer.arguments(request) for request in chosen]) for peer in peers]
    rounds = []
    for number in range(size.rounds + 1):
        say(f"round {number} of {size.rounds}")
        loops = [_loop(peer, arguments) for peer, arguments in calls]
        rounds.append([_aggregate(project, file, totals), *loops])
    fastest = [min(seconds) for seconds in zip(*rounds[1:], strict=True)]
    return Measured(
        Rate("aggregate", size.requests, fastest[0]),
        Rate("rows written", size.requests, seconds),
        written,
        totals,
        [
            (Rate(f"{peer.name} {peer.version}", len(chosen), seconds), agreement(peer, chosen))
            for peer, seconds in zip(peers, fastest[1:], strict=True)
        ],
    )


def _aggregate(project: CompiledProject, file: Path, expected: Totals) -> float:
    with opened(file, read_only=True) as connection:
        started = time.perf_counter()
        totals = aggregate(connection, project)
        seconds = time.perf_counter() - started
    if totals != expected:
        wrong = {key: (totals.get(key), expected[key]) for key in expected}
        raise DisagreementError(f"by aggregate, by rows: {wrong}")
    return seconds


def _loop(peer: Peer, arguments: list[dict[str, Any]]) -> float:
    call = peer.call
    started = time.perf_counter()
    for keywords in arguments:
        call(**keywords)
    return time.perf_counter() - started
