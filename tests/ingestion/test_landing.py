import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.landing.batches import COMPACTION, Batch, Plan
from ingestion.landing.compaction import compact
from ingestion.landing.landing import Landing
from ingestion.landing.loading import load_gateway
from ingestion.records import SourceError
from ingestion.storage.objects import open_storage
from ingestion.workspace.sources import Gateway
from tests.ingestion.readers import landed, request, write_log

DAY = "2026-10-01T12:00:00Z"


def test_the_loser_of_a_number_plans_again(
    landing: Landing, gateway: Gateway, logs: Path, tmp_path: Path
) -> None:
    write_log(logs, "a.json", [request("a", DAY)])
    other = replace(gateway, name="other")
    commit = landing.commit

    def commit_second(batch: Batch) -> bool:
        landing.commit = commit  # type: ignore[method-assign]
        assert load_gateway(other, Landing(landing.storage)).batch == 1
        assert load_gateway(gateway, Landing(landing.storage)).batch == 2
        return commit(batch)

    landing.commit = commit_second  # type: ignore[method-assign]
    assert load_gateway(gateway, landing).batch is None
    assert landed(landing, tmp_path / "cache", "requests", "source, batch") == [
        ("other", 1),
        ("prod", 2),
    ]


def test_a_batch_of_another_source_only_moves_the_number(
    landing: Landing, gateway: Gateway, logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_log(logs, "a.json", [request("a", DAY), "broken"])
    commit = landing.commit

    def commit_second(batch: Batch) -> bool:
        landing.commit = commit  # type: ignore[method-assign]
        load_gateway(replace(gateway, name="other"), Landing(landing.storage))
        # reading again would fail now
        (logs / "a.json").unlink()
        return commit(batch)

    landing.commit = commit_second  # type: ignore[method-assign]
    assert load_gateway(gateway, landing).batch == 2
    for table in ("requests", "quarantine"):
        found = landed(landing, tmp_path / "cache", table, "source, batch, record_no")
        assert [row[:2] for row in found] == [("other", 1), ("prod", 2)]
    assert len(landing.sweep(datetime.now(UTC) + timedelta(hours=2))) == 2


def test_many_writers_at_once_lose_nothing(
    landing: Landing, tmp_path: Path, tiny_readers: None
) -> None:
    def load(name: str) -> None:
        folder = tmp_path / name
        write_log(folder, "a.json", [request(name, DAY)])
        load_gateway(Gateway(name, "lines", str(folder), {}), Landing(landing.storage))

    names = [f"gateway{number}" for number in range(4)]
    threads = [threading.Thread(target=load, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = landed(landing, tmp_path / "cache", "requests", "batch, source, request_id")
    assert [row[0] for row in found] == [1, 2, 3, 4]
    assert sorted(str(row[2]) for row in found) == names


def test_compaction_replaces_files_and_keeps_every_row(
    landing: Landing, gateway: Gateway, logs: Path, tmp_path: Path
) -> None:
    for number in range(4):
        write_log(logs, f"{number}.json", [request(str(number), DAY)])
        load_gateway(gateway, landing)
    cache = tmp_path / "cache"
    before = landed(landing, cache, "requests", "*")
    assert compact(landing, "prod", files=4) is None
    assert compact(landing, "prod", files=3) == 5
    assert landed(landing, cache, "requests", "*") == before
    assert len(landing.visible_files()["requests"]) == 1
    assert load_gateway(gateway, landing).batch is None

    assert landing.sweep() == []
    assert len(landing.sweep(datetime.now(UTC) + timedelta(hours=2))) == 4
    assert landed(landing, cache, "requests", "*") == before


def test_compaction_writes_so_many_rows_at_once_and_the_next_run_the_rest(
    landing: Landing, gateway: Gateway, logs: Path, tmp_path: Path
) -> None:
    days = [DAY, DAY.replace("-01T", "-02T"), DAY.replace("-01T", "-03T")]
    for number, day in enumerate([*days, *days, *days, days[1]]):
        write_log(logs, f"{number}.json", [request(str(number), day)])
        load_gateway(gateway, landing)
    before = landed(landing, tmp_path / "cache", "requests", "*")

    def files_by_day() -> list[int]:
        paths = landing.visible_files()["requests"]
        return [sum(f"/{day[:10]}/" in path for path in paths) for day in days]

    assert files_by_day() == [3, 4, 3]
    # four rows of the day with most files; three more of another would be seven
    assert compact(landing, "prod", files=2, at_once=6)
    assert files_by_day() == [3, 1, 3]
    assert compact(landing, "prod", files=2, at_once=6)
    assert files_by_day() == [1, 1, 1]
    assert compact(landing, "prod", files=2, at_once=6) is None
    assert landed(landing, tmp_path / "cache", "requests", "*") == before


def test_compaction_joins_files_of_releases_with_other_columns(
    gateway: Gateway, logs: Path, tmp_path: Path
) -> None:
    landing = Landing(open_storage(str(tmp_path / "landing")))
    for number in range(3):
        write_log(logs, f"{number}.json", [request(str(number), DAY, prompt_version="v1")])
        load_gateway(gateway, landing)
    earlier, later, _ = (Path(landing.storage.location) / p for p in _requests(landing))
    _land_again(landing, 1, pq.read_table(earlier).drop_columns(["prompt_version"]))
    grown = pq.read_table(later).append_column("of_tomorrow", pa.array(["x"]))
    _land_again(landing, 2, grown)
    assert compact(landing, "prod", files=2) == 6
    columns = "request_id, prompt_version, of_tomorrow"
    assert landed(landing, tmp_path / "cache", "requests", columns) == [
        ("0", None, None),
        ("1", "v1", "x"),
        ("2", "v1", None),
    ]


def _land_again(landing: Landing, number: int, rows: pa.Table) -> None:
    """Replaces the file of a batch by what another release would have written."""

    def attempt(plan: Plan) -> Batch:
        [old] = plan.batches[number - 1].files
        place = {"table": old.table, "source": "prod", "usage_date": old.usage_date}
        written = landing.write(number=plan.number, **place, rows=rows)
        return Batch(plan.number, "prod", COMPACTION, "", [], [written], [old.path])

    landing.change(attempt)


def _requests(landing: Landing) -> list[str]:
    """Paths in the order of their batches."""
    return [file.path for batch in landing.batches() for file in batch.files]


def test_the_sweep_spares_a_batch_being_written(
    gateway: Gateway, logs: Path, tmp_path: Path
) -> None:
    landing = Landing(open_storage(str(tmp_path / "landing")))
    write_log(logs, "a.json", [request("a", DAY)])
    load_gateway(gateway, landing)
    for number in (1, 2):
        landing.storage.put(f"requests/prod/2026-10-01/{number}-{'a' * 16}.parquet", b"")
    later = datetime.now(UTC) + timedelta(hours=2)
    assert landing.sweep(later) == [f"requests/prod/2026-10-01/1-{'a' * 16}.parquet"]


def test_the_sweep_leaves_files_that_are_not_the_landings(
    gateway: Gateway, logs: Path, tmp_path: Path
) -> None:
    landing = Landing(open_storage(str(tmp_path / "landing")))
    write_log(logs, "a.json", [request("a", DAY)])
    load_gateway(gateway, landing)
    strays = [
        "mine/x.parquet",
        f"mine/prod/2026-10-01/1-{'a' * 16}.parquet",
        "requests/prod/2026-10-01/1-copy.parquet",
        f"requests/1-{'a' * 16}.parquet",
    ]
    for stray in strays:
        landing.storage.put(stray, b"")
    assert landing.sweep(datetime.now(UTC) + timedelta(hours=2)) == []
    assert {info.name for info in landing.storage.list()} >= set(strays)


def test_a_hole_in_the_batch_lists_is_told(gateway: Gateway, logs: Path, tmp_path: Path) -> None:
    landing = Landing(open_storage(str(tmp_path / "landing")))
    for number in range(3):
        write_log(logs, f"{number}.json", [request(str(number), DAY)])
        load_gateway(gateway, landing)
    landing.storage.delete("batches/2")
    with pytest.raises(SourceError, match="batch lists have gaps, found 2 up to 3"):
        Landing(landing.storage).batches()
