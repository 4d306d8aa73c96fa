"""When calls arrive: office hours and working weeks, with the bursts of a real trace."""

from bisect import bisect
from datetime import date, timedelta
from itertools import accumulate, pairwise
from random import Random
from typing import Final

from simulation.traffic.trace_shapes import Traces

WEEKDAY_WEIGHTS: Final = (1.0, 1.08, 1.1, 1.05, 0.9, 0.16, 0.12)
# UTC hours of a company with offices in Europe and on the American east coast.
HOUR_WEIGHTS: Final = (
    *(0.3, 0.25, 0.2, 0.2, 0.25, 0.5, 1.2, 2.6),
    *(4.2, 4.9, 4.8, 4.3, 3.9, 4.9, 5.6, 5.8),
    *(5.2, 4.6, 3.9, 3.0, 2.1, 1.3, 0.8, 0.5),
)
HOUR: Final = 3_600_000_000  # microseconds


def requests_per_day(requests: int, start: date, days: int) -> list[int]:
    """Requests spread over the days by weekday; they sum to `requests`."""
    weights = [
        WEEKDAY_WEIGHTS[(start + timedelta(days=offset)).weekday()] for offset in range(days)
    ]
    return _apportioned(requests, weights)


def arrivals_of_day(count: int, rng: Random, traces: Traces) -> list[int]:
    """`count` sorted moments, microseconds since midnight."""
    hours = [0] * 24
    bounds = list(accumulate(HOUR_WEIGHTS))
    for _ in range(count):
        hours[bisect(bounds, rng.random() * bounds[-1])] += 1
    return [
        hour * HOUR + at
        for hour, arrivals in enumerate(hours)
        for at in traces.arrivals(arrivals, HOUR)
    ]


def _apportioned(total: int, weights: list[float]) -> list[int]:
    bounds = [0.0, *accumulate(weights)]
    places = [round(total * bound / bounds[-1]) for bound in bounds]
    return [after - before for before, after in pairwise(places)]
