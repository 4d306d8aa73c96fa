"""Lines of a server's `/metrics`: Prometheus' text format, and OpenMetrics."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ingestion.reading.instants import epoch_instant
from ingestion.reading.unreadable import Unreadable

LINE: Final = re.compile(rb"[^\r\n]+")
# The end of OpenMetrics, whose times are seconds; the others' are milliseconds.
OPEN_METRICS: Final = re.compile(rb"^# EOF\s*$", re.MULTILINE)
SAMPLE: Final = re.compile(
    r"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*"
    r'(?:\{(?P<labels>(?:[^"}]|"(?:[^"\\]|\\.)*")*+)\})?'
    r"[ \t]+(?P<value>[^ \t]+)(?:[ \t]+(?P<time>[-+.0-9eE]+))?[ \t]*(?:#.*)?"
)
LABEL: Final = re.compile(r'[ \t]*([a-zA-Z_]\w*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(?:,|$)')
ESCAPE: Final = re.compile(r"\\(.)")
MILLISECOND: Final = 1000
SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """`time`: the sample's own, of which most have none."""

    name: str
    labels: dict[str, str]
    value: str
    time: datetime | None


def sample_lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines that are no comments, with the byte where each stands."""
    for line in LINE.finditer(data):
        if (text := line[0].strip()) and not text.startswith(b"#"):
            yield line.start(), text


def unit_of(data: bytes) -> int:
    """Microseconds of one unit of its times."""
    return SECOND if OPEN_METRICS.search(data) else MILLISECOND


def parsed(line: bytes, unit: int) -> Line:
    try:
        sample = SAMPLE.fullmatch(line.decode())
    except UnicodeDecodeError:
        raise Unreadable(None, "not UTF-8") from None
    if sample is None:
        raise Unreadable(None, "no sample of a metric")
    time = epoch_instant(sample["time"], "timestamp", unit) if sample["time"] else None
    return Line(sample["name"], _labels(sample["labels"] or ""), sample["value"], time)


def _labels(text: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    place = 0
    while text[place:].strip():
        label = LABEL.match(text, place)
        if label is None:
            raise Unreadable(None, "no labels of a metric")
        labels[label[1]] = ESCAPE.sub(_unescaped, label[2])
        place = label.end()
    return labels


def _unescaped(escape: re.Match[str]) -> str:
    return "\n" if escape[1] == "n" else escape[1]
