"""Stores log lines as the objects that LiteLLM's `s3_v2` logger uploads, under its keys.

Most records stand in batches (`s3_batch_file_upload`), compressed as the bucket's upload does
it; a few stand alone as `time-…_id.json`. A batch here holds more than LiteLLM's own flush of 512
records, or a million requests would be a hundred thousand objects.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

import zstandard

from simulation.company.fault_rates import FaultRates
from simulation.company.random_names import hex_digits
from simulation.traffic.attempt import Attempt

PREFIX: Final = "litellm/prod"
SECOND: Final = 1_000_000
HOUR: Final = 3600 * SECOND
DAY: Final = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Layout:
    hourly: bool = True  # s3_partition_granularity: hour
    most_records: int = 2000
    compression_level: int = 3
    most_singles: int = 10_000


class LogObjects:
    """Takes lines in the order in which they are logged; call `finish` at last."""

    def __init__(self, folder: Path, layout: Layout, faults: FaultRates, rng: Random) -> None:
        self._folder = folder / PREFIX
        self._layout = layout
        self._faults = faults
        self._rng = rng
        self._compressor = zstandard.ZstdCompressor(level=layout.compression_level)
        self._lines: list[str] = []
        self._again: list[str] = []
        self._slot = 0
        self._last = 0
        self._late = False
        self.batches = 0
        self.singles = 0
        self.late_batches = 0
        self.bytes = 0

    def add(self, attempt: Attempt, line: str, at: int) -> None:
        """Logs a line at a moment; sets how the attempt is delivered."""
        self._last = at = max(self._last, at)
        slot = at // self._width
        if slot != self._slot or len(self._lines) >= self._layout.most_records:
            self._flush()
            if slot * self._width // DAY != self._slot * self._width // DAY:
                self._flush_again()
            self._slot = slot
            self._late = self._rng.random() < self._faults.delivered_late
        alone = self._rng.random() < self._faults.single_objects
        if alone and self.singles < self._layout.most_singles:
            self._write_single(attempt, line)
            return
        self._lines.append(line)
        attempt.delivered_late = self._late
        if self._rng.random() < self._faults.delivered_twice:
            attempt.delivered_twice = True
            self._again.append(line)

    def finish(self) -> None:
        self._flush()
        self._flush_again()

    @property
    def _width(self) -> int:
        return HOUR if self._layout.hourly else DAY

    def _flush(self) -> None:
        if self._lines:
            self._write_batch(self._lines, self._last, self._late)
            self.late_batches += self._late
            self._lines = []

    def _flush_again(self) -> None:
        """The records of a day that are uploaded a second time."""
        if self._again:
            self._write_batch(self._again, self._last, late=False)
            self._again = []

    def _write_batch(self, lines: list[str], at: int, late: bool) -> None:
        flushed = _moment(at) + timedelta(seconds=1 + 9 * self._rng.random())
        if late:
            flushed += timedelta(days=1)
        folder = self._folder / flushed.strftime("%Y-%m-%d")
        if self._layout.hourly:
            folder /= flushed.strftime("%H")
        name = f"batch_{flushed:%H-%M-%S}_{hex_digits(self._rng, 32)}.jsonl.zst"
        self._write(folder / name, self._compressor.compress("\n".join(lines).encode()))
        self.batches += 1

    def _write_single(self, attempt: Attempt, line: str) -> None:
        started = _moment(attempt.started)
        name = f"time-{started:%H-%M-%S}-{started.microsecond:06d}_{attempt.request_id}.json"
        self._write(self._folder / started.strftime("%Y-%m-%d") / name, line.encode())
        self.singles += 1

    def _write(self, file: Path, data: bytes) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        self.bytes += len(data)


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)
