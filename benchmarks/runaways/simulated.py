"""Hourly use of forty keys with the shapes of a day and a week, noise, and spikes planted in it.

Drawn by Python's own generator from fixed seeds: the same on every machine.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

BEFORE_DAYS: Final = 56  # the weeks that an hour is compared with
DAYS: Final = 90
WINDOW_DAYS: Final = 30  # of one spike a key: a month
# UTC without saying so, as hours of the warehouse are.
START: Final = datetime.fromisoformat("2026-04-06")
TIMES: Final = 5
LONGEST_HOURS: Final = 12
# Dollars an hour, on average: the smallest key's and the largest's.
SMALLEST, LARGEST = 20.0, 2000.0
KEYS: Final = 40
# Where 4 times an hour's use is twice the floor of 25 dollars: below it a spike is none by rule.
SPIKES_FROM: Final = 12.5
OFFICE: Final = (
    *(0.15,) * 7,
    *(0.4, 1.6, 2.0, 2.2, 2.0, 1.7, 2.0, 2.2, 2.1, 1.9, 1.4, 0.6, 0.6),
    *(0.3,) * 4,
)
EVENING: Final = (0.5, 0.3, *(0.2,) * 4, 0.4, *(0.8,) * 9, 1.2, 1.6, 2.1, 2.5, 2.6, 2.3, 1.7, 1.0)
NIGHTLY: Final = (0.3, 3.0, 5.0, 4.0, 1.5, *(0.3,) * 19)


@dataclass(frozen=True, slots=True)
class Key:
    number: int
    mean: float
    day: tuple[float, ...]
    weekend: float

    @property
    def name(self) -> str:
        return f"key-{self.number:02d}"

    def usual(self, hour: datetime) -> float:
        """Dollars of an hour without noise."""
        return self.mean * self.day[hour.hour] * (self.weekend if hour.weekday() >= 5 else 1.0)


@dataclass(frozen=True, slots=True)
class Spike:
    key: str
    start: datetime
    hours: int

    @property
    def end(self) -> datetime:
        return self.start + timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True)
class Use:
    key: Key
    hour: datetime
    dollars: float


def keys() -> list[Key]:
    """A quarter of each: offices, people in the evening, batches of the night, servers."""
    shapes = (
        (OFFICE, 0.25),
        (EVENING, 1.3),
        (NIGHTLY, 1.0),
        ((1.0,) * 24, 1.0),
    )
    step = (LARGEST / SMALLEST) ** (1 / (KEYS - 1))
    return [
        Key(number, SMALLEST * step**number, *shapes[number % len(shapes)])
        for number in range(KEYS)
    ]


def spikes(seed: int, among: Sequence[Key]) -> list[Spike]:
    """One a key and month, at any hour of enough use, of 1 to 12 hours."""
    random = Random(f"spikes {seed}")
    return [_spike(key, window, random) for key in among for window in range(DAYS // WINDOW_DAYS)]


def _spike(key: Key, window: int, random: Random) -> Spike:
    """Two days from the edges of its window: no two of a key are one runaway."""
    first = START + timedelta(days=BEFORE_DAYS + window * WINDOW_DAYS + 2)
    while True:
        start = first + timedelta(hours=random.randrange(24 * (WINDOW_DAYS - 4)))
        if key.usual(start) >= SPIKES_FROM:
            return Spike(key.name, start, random.randint(1, LONGEST_HOURS))


def uses(noise: float, seed: int, among: Sequence[Key], planted: Sequence[Spike]) -> Iterator[Use]:
    """Each hour of each key: its usual use, times e to the noise of a bell curve, times 5 where
    a spike is planted.
    """
    raised = {
        (spike.key, spike.start + timedelta(hours=number))
        for spike in planted
        for number in range(spike.hours)
    }
    for key in among:
        random = Random(f"noise {seed} {key.number}")
        for number in range(24 * (BEFORE_DAYS + DAYS)):
            hour = START + timedelta(hours=number)
            times = TIMES if (key.name, hour) in raised else 1
            yield Use(key, hour, times * key.usual(hour) * random.lognormvariate(0, noise))
