"""vLLM's counters: which of its metrics they are, and what tells one of them from every other."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ingestion.reading.exact_numbers import MOST, exact
from ingestion.reading.landed_text import bounded_name
from ingestion.reading.unreadable import Unreadable, shown
from ingestion.records import Row

# Names of vLLM, as such, as of Ray, with the colon that some exporters replace; earlier releases
# wrote them without `_total`. What it calls gpu_prefix_cache_hits stands beside its new name.
METRIC: Final = re.compile(r"(?:ray_)?vllm[:_](?P<name>[a-z_]+?)(?:_total)?")
COUNTERS: Final = {
    "prompt_tokens": "input",
    "generation_tokens": "output",
    "prefix_cache_hits": "cache_read",
    "request_success": "requests",
}
STARTED: Final = "process_start_time_seconds"
MODELS: Final = ("model_name", "model")
SERVERS: Final = ("instance", "pod")
# Labels of who scraped: two Prometheus of one server count the same.
OF_SCRAPERS: Final = frozenset(("__name__", "__replica__", "prometheus", "prometheus_replica"))


@dataclass(frozen=True, slots=True)
class Sample:
    """The value of a counter at a moment."""

    series: str
    counter: str
    model: str
    instance: str
    sampled_at: datetime
    value: int

    def row(self, record_no: int, started: datetime | None) -> Row:
        return {
            "record_no": record_no,
            "series": self.series,
            "counter": self.counter,
            "model": self.model,
            "instance": self.instance,
            "sampled_at": self.sampled_at,
            "value": self.value,
            "process_started_at": started,
        }


def counter_of(metric: str) -> str | None:
    """What a metric counts, of what is read here."""
    named = METRIC.fullmatch(metric)
    return COUNTERS.get(named["name"]) if named else None


def server_of(labels: Mapping[str, str], otherwise: str) -> str:
    named = next((labels[name] for name in SERVERS if labels.get(name)), otherwise)
    return bounded_name("instance", named)


def samples_of(
    counter: str,
    labels: Mapping[str, str],
    points: Iterable[tuple[datetime, str]],
    otherwise: str = "",
) -> list[Sample]:
    """`otherwise`: the server that labels do not name."""
    model = next((labels[name] for name in MODELS if labels.get(name)), None)
    if model is None:
        raise Unreadable("model_name", "missing")
    server = server_of(labels, otherwise)
    told = sorted((name, value) for name, value in labels.items() if name not in OF_SCRAPERS)
    identity = repr((counter, server, told)).encode("utf-8", "surrogatepass")
    series = hashlib.blake2b(identity, digest_size=16).hexdigest()
    model = bounded_name("model", model)
    return [
        Sample(series, counter, model, server, moment, whole(value)) for moment, value in points
    ]


def whole(literal: str) -> int:
    number = exact(literal)
    if number is None or not 0 <= number <= MOST or number != number.to_integral_value():
        raise Unreadable("value", "no count", value=shown(literal))
    return int(number)


def decisive(samples: list[Sample]) -> list[Sample]:
    """Of one series, those that increases hang on: each hour's first and last, and what a fall is
    between. Beside samples of other objects these say as much as all.
    """
    ordered = sorted(samples, key=lambda sample: (sample.sampled_at, sample.value))
    return [
        sample
        for place, sample in enumerate(ordered)
        if place in (0, len(ordered) - 1)
        or _differ(ordered[place - 1], sample)
        or _differ(sample, ordered[place + 1])
    ]


def _differ(earlier: Sample, later: Sample) -> bool:
    return later.value < earlier.value or _hour(later) != _hour(earlier)


def _hour(sample: Sample) -> datetime:
    return sample.sampled_at.replace(minute=0, second=0, microsecond=0)
