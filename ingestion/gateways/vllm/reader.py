"""vLLM's own counters, as they were scraped: `/metrics` saved to files, or what a Prometheus says.

They know no caller and are no requests: each sample lands as a row of `counters`, and beside what
logs say of the same models stands what the servers counted (mart_usage_controls). Other metrics
are foreign.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ingestion.gateways.vllm.answers import EXPECTED, read_series, series_in
from ingestion.gateways.vllm.counters import (
    STARTED,
    Sample,
    counter_of,
    decisive,
    samples_of,
    server_of,
)
from ingestion.gateways.vllm.exposition import parsed, sample_lines, unit_of
from ingestion.gateways.vllm.moments import known, moment_in
from ingestion.reading.collecting import Collected, logged_text
from ingestion.reading.exact_numbers import exact
from ingestion.reading.instants import epoch_instant
from ingestion.reading.records.decompression import Decompressed
from ingestion.reading.records.json_records import BOM, json_records, last_line
from ingestion.reading.unreadable import ODD, Unreadable
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "1"
NONE: Final = "no counter of vLLM in it, such as vllm:prompt_tokens_total"


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return UsageSemantics()


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "counters", of each series those that increases hang on."""
    counted = Counted(Collected(gateway.named, gateway.limits))
    content = logged_text(data, gateway.limits)
    if content.data.removeprefix(BOM).lstrip()[:1] in (b"{", b"["):
        return counted.finish(content, _read_answers(content, counted))
    return counted.finish(content, _read_scrapes(content, name, counted))


@dataclass(slots=True)
class Counted:
    """The samples of one object by record, and when the processes of its servers began."""

    collected: Collected
    foreign: int = 0
    _samples: dict[int, list[Sample]] = field(default_factory=dict)
    _started: dict[tuple[str, datetime], datetime] = field(default_factory=dict)

    def add(self, record_no: int, samples: list[Sample]) -> list[Row]:
        """No row of a request."""
        if samples:
            self._samples[record_no] = samples
        else:
            self.foreign += 1
        return []

    def add_start(self, server: str, sampled_at: datetime, literal: str) -> None:
        """What is no time is as unknown as where there is none."""
        if exact(literal):
            self._started[server, sampled_at] = epoch_instant(literal, STARTED)

    def finish(self, content: Decompressed, end: int | None) -> Parsed:
        is_empty = not self._samples and not self._started
        if (
            is_empty
            and end is None
            and self.collected.parsed.records > len(self.collected.parsed.rejects)
        ):
            self.collected.reject(NONE, "record", b"", 0)
        parsed = self.collected.finish(content, end)
        parsed.rows = {"counters": list(self._rows())}
        parsed.foreign = self.foreign
        return parsed

    def _rows(self) -> list[Row]:
        return [
            sample.row(record_no, self._started.get((sample.instance, sample.sampled_at)))
            for record_no, samples in self._samples.items()
            for sample in decisive(samples)
        ]


def _read_scrapes(content: Decompressed, name: str, counted: Counted) -> int | None:
    """Where the line begins that is cut off: every whole one ends with a line's end."""
    text = content.data
    is_whole = content.damage is None and text.endswith((b"\n", b"\r"))
    end = None if is_whole or not text else last_line(text)
    moment, server = moment_in(name)
    unit = unit_of(text)

    def to_rows(record: bytes, record_no: int) -> list[Row]:
        line = parsed(record, unit)
        counter = counter_of(line.name)
        if counter is None and line.name != STARTED:
            return counted.add(record_no, [])
        sampled_at = known(line.time or moment)
        if counter is None:
            counted.add_start(server_of(line.labels, server), sampled_at, line.value)
            return counted.add(record_no, [])
        points = [(sampled_at, line.value)]
        return counted.add(record_no, samples_of(counter, line.labels, points, server))

    for offset, record in sample_lines(text if end is None else text[:end]):
        if counted.collected.is_full(record, offset):
            return None
        counted.collected.add(record, offset, to_rows)
    return end


def _read_answers(content: Decompressed, counted: Counted) -> int | None:
    """Each series of an answer is a record."""

    def to_rows(record: bytes, record_no: int) -> list[Row]:
        series = read_series(record)
        metric = series.metric.get("__name__", "")
        if metric == STARTED:
            for moment, value in series.points:
                counted.add_start(server_of(series.metric, ""), moment, value)
        counter = counter_of(metric)
        samples = samples_of(counter, series.metric, series.points) if counter else []
        return counted.add(record_no, samples)

    def refused(record: bytes, record_no: int) -> list[Row]:
        raise Unreadable(None, EXPECTED)

    records, end = json_records(content.data, damaged=content.damage is not None)
    for offset, record in records:
        try:
            found = series_in(record)
        except ODD:
            counted.collected.add(record, offset, refused)
            continue
        for series in found:
            if counted.collected.is_full(series, offset):
                return None
            counted.collected.add(series, offset, to_rows)
    return end
