"""The short form of `make bench-spans`."""

import pytest

from benchmarks.measuring.processes import FailedError
from benchmarks.spans import measured
from benchmarks.spans.measured import landed, lines


def test_spans_are_told_by_calls_and_memory() -> None:
    found = landed(2000)
    assert (found.spans, found.requests) == (2000, 800)
    assert found.cpu > 0 < found.peak
    assert "| 2,000 | 2 MB | 800 |" in "\n".join(lines([found, found]))


def test_a_span_that_is_lost_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "CALLS_A_TRACE", 5)
    with pytest.raises(FailedError, match="of 100 spans with 50 calls"):
        landed(100)
