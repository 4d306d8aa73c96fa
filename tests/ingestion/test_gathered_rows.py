"""Rows of a chunk that are much are written before its end."""

from pathlib import Path
from typing import Any

import pytest

from ingestion.landing.landing import open_landing
from ingestion.landing.loading import LoadResult, load_gateway
from ingestion.workspace.sources import Gateway
from tests.ingestion.gateways.otel_spans import CALL, line, span
from tests.ingestion.readers import landed

TOOL = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"}


def load(traces: Path, location: Path) -> tuple[LoadResult, list[list[tuple[Any, ...]]], int]:
    """What a load tells, the rows of its tables, and its files."""
    landing = open_landing(str(location))
    result = load_gateway(Gateway("traces", "otel", str(traces), {}), landing)
    tables = [
        landed(landing, location / "cache", table, f"object_no, record_no, {column}")
        for table, column in (("requests", "model_served"), ("request_context", "join_value"))
    ]
    files = landing.visible_files()
    assert sum(map(len, files.values())) == len(landing.batches()[0].files)
    return result, tables, len(files["request_context"])


def test_the_rows_of_an_object_land_alone_once_they_are_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    traces = tmp_path / "traces"
    traces.mkdir()
    for name in "abc":
        spans = [span(CALL, 1), span(TOOL, 2), span(CALL, 3)]
        (traces / f"{name}.jsonl").write_text(line(*spans) + "\n{broken\n")
    whole = load(traces, tmp_path / "whole")
    assert [len(rows) for rows in whole[1]] == [6, 9]
    assert (whole[0].records, whole[0].quarantined, whole[2]) == (12, 3, 1)

    monkeypatch.setattr("ingestion.landing.chunks.GATHERED", 1)
    in_pieces = load(traces, tmp_path / "pieces")
    assert in_pieces == (whole[0], whole[1], 3)
