"""A workspace that the release at a6a58ec left, run by this one: see tests/fixtures/README.md."""

import io
import re
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
import zstandard
from workspace_runs import run
from workspaces import HISTORY, Bench, assert_same_tables, contents, exported, query

from ingestion.landing.landing import open_landing

OLDER = Path(__file__).parents[1] / "fixtures" / "workspace-a6a58ec.tar.zst"
# A day and a bit of one log, and the one whose records carried prompts that the release let land.
GONE = ("2026-09-28", "2026-10-03/1", "batch_05-59-59_odd")
PROMPTS = re.compile("never tell anybody|my colleague earn|sk-old-workspace")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("older") / "company")


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("a6a58ec")
    data = zstandard.ZstdDecompressor().decompressobj().decompress(OLDER.read_bytes())
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def landed_texts(folder: Path) -> Iterator[str]:
    landing = open_landing(str(folder / "landing"))
    for files in landing.local_files(folder / "unused").values():
        for file in files:
            yield str(pq.read_table(file).to_pylist())


def published_texts(folder: Path) -> Iterator[str]:
    with duckdb.connect(folder / "marts.duckdb", read_only=True) as connection:
        connection.execute(f"set file_search_path = '{folder}'")
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'main'"
        ).fetchall()
        for [name] in names:
            yield str(connection.execute(f'select * from main."{name}"').fetchall())


# in short: tests/orchestration/test_older_landing.py
@pytest.mark.whole
def test_an_older_workspace_equals_a_fresh_build(bench: Bench, older: Path) -> None:
    """First without some of its objects, which are told; then with them, as if never gone."""
    assert any(PROMPTS.search(text) for text in landed_texts(older))
    bench.take(older)
    aside = bench.folder.with_name("aside")
    for file in sorted((bench.folder / "logs").rglob("*")):
        if file.is_file() and any(part in str(file) for part in GONE):
            target = aside / file.relative_to(bench.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            file.rename(target)

    without = run(bench.folder)
    told = re.sub(r"\s+", " ", without.output)
    assert re.search(
        r"litellm_prod: \d+ requests \(5 days, 2026-09-27 to 2026-10-03; \d+\.\d\d claimed\)"
        r" stand as an earlier reader read them: their objects are gone",
        told,
    ), told
    for text in (*landed_texts(bench.folder), *published_texts(bench.folder)):
        assert not PROMPTS.search(text)
    by_team = query(bench.folder, "from mart_chargeback_monthly order by all")

    shutil.copytree(aside, bench.folder, dirs_exist_ok=True)
    again = run(bench.folder)
    assert "earlier reader" not in again.output
    found, files = contents(bench.folder), exported(bench.folder)
    assert not any(PROMPTS.search(text) for text in landed_texts(bench.folder))

    bench.build(older)
    expected = contents(bench.folder)
    assert_same_tables(found, expected, but=HISTORY)
    assert files == exported(bench.folder)
    # tags and amounts had landed: what is gone is on the same teams
    assert by_team == query(bench.folder, "from mart_chargeback_monthly order by all")
