"""Series in saved answers of Prometheus' HTTP API, or in lines that VictoriaMetrics exports."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from ingestion.reading.instants import epoch_instant
from ingestion.reading.unreadable import Unreadable

EXPECTED: Final = "no answer of Prometheus: expected `data.result`, or a line with `metric`"
MILLISECOND: Final = 1000


class Result(msgspec.Struct):
    result: list[msgspec.Raw]


class Answer(msgspec.Struct):
    """A page of the API, or one series by itself."""

    data: Result | None = None
    metric: dict[str, Any] | None = None


class Series(msgspec.Struct):
    """`values` of a range are pairs of a time in seconds and a text; beside `timestamps`, which
    are milliseconds, they are numbers. `value` is of one moment.
    """

    metric: dict[str, str]
    values: list[Any] = []
    value: list[Any] = []
    timestamps: list[int] | None = None

    @property
    def points(self) -> list[tuple[datetime, str]]:
        if self.timestamps is not None:
            return [
                (epoch_instant(str(time), "timestamps", MILLISECOND), str(value))
                for time, value in zip(self.timestamps, self.values, strict=True)
            ]
        return [_point(pair) for pair in (*self.values, *([self.value] if self.value else []))]


# Literals of numbers stay as they are written.
_SERIES: Final = msgspec.json.Decoder(Series, float_hook=str)
_ANSWER: Final = msgspec.json.Decoder(Answer)


def series_in(record: bytes) -> list[bytes]:
    answer = _ANSWER.decode(record)
    if answer.data is not None:
        return [bytes(series) for series in answer.data.result]
    if answer.metric is None:
        raise Unreadable(None, EXPECTED)
    return [record]


def read_series(literal: bytes) -> Series:
    return _SERIES.decode(literal)


def _point(pair: Sequence[Any]) -> tuple[datetime, str]:
    time, value = pair
    return epoch_instant(str(time), "values", 1_000_000), str(value)
