"""The short form of `make bench-reading`; and a landing without a log is what one lands."""

from pathlib import Path

import duckdb

from benchmarks.company.landed import write_landed_workspace
from benchmarks.company.traffic import Traffic
from benchmarks.company.workspace import write_workspace
from benchmarks.reading.measured import REPOSITORY, Size, measure
from benchmarks.reading.report import lines
from ingestion.landing.landing import open_landing
from ingestion.landing.loading import load_gateway
from ingestion.workspace.settings import load_workspace

# Where a row was read from.
PLACE = ("object_no", "record_no", "content_hash")


def test_readers_stand_beside_duckdb_and_another_checkout() -> None:
    formats = measure(Size(requests=300, objects=2, rounds=1), REPOSITORY, lambda _: None)
    for each in formats:
        assert each.beside is not None
        assert each.here.records == each.beside.records > 290
        assert each.here.cpu > 0 < each.duckdb.cpu
    text = "\n".join(lines(formats, "before"))
    assert "| generic, Parquet, before | 300 |" in text


def test_a_landing_without_a_log_is_what_the_log_lands(tmp_path: Path) -> None:
    traffic = Traffic.until_last_day(2_000, 2)
    write_workspace(tmp_path / "read", traffic, 2)
    write_landed_workspace(tmp_path / "drawn", traffic)
    [gateway] = load_workspace(tmp_path / "read").gateways
    load_gateway(gateway, open_landing(str(tmp_path / "read" / "landing")))
    read, drawn = (_rows(tmp_path / name / "landing") for name in ("read", "drawn"))
    assert len(read) == 2_000
    assert read == drawn


def test_a_drawn_landing_has_nothing_new(tmp_path: Path) -> None:
    write_landed_workspace(tmp_path / "drawn", Traffic.until_last_day(100, 1))
    [gateway] = load_workspace(tmp_path / "drawn").gateways
    result = load_gateway(gateway, open_landing(str(tmp_path / "drawn" / "landing")))
    assert (result.objects_seen, result.batch) == (0, None)


def _rows(landing: Path) -> list[tuple[object, ...]]:
    files = sorted(str(file) for file in landing.glob("requests/*/*/*.parquet"))
    relation = duckdb.read_parquet(files)
    columns = [name for name in relation.columns if name not in PLACE]
    return relation.project(", ".join(columns)).order("request_key").fetchall()
