"""Whole workspaces on disk: simulated, changed, run, compared."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import zstandard
from click.testing import CliRunner, Result

from ingestion.storage.objects import open_storage
from ingestion.workspace.settings import load_workspace
from orchestration.command import tollbook
from orchestration.execution import execute_job
from orchestration.publishing.marts import open_marts
from simulation.company.fault_rates import FaultRates
from simulation.simulate import simulate

# requests, days, seed, **options of `simulate` -> the workspace's folder, written once
Simulated = Callable[..., Path]
START = date(2026, 9, 22)  # September and October: two pages a report, two invoices a provider
DAYS = 18
SOURCES = ("tollbook.yaml", "logs", "bills", "reference")
# What was, not what is: a fresh build has never known another price.
HISTORY = ("fct_price_restatements",)
Rows = dict[str, list[tuple[Any, ...]]]


def simulated(folder: Path, requests: int, seed: int) -> Path:
    simulate(folder, requests, DAYS, seed, start=START, faults=FaultRates(single_objects=0.1))
    return folder


def run(folder: Path) -> list[str]:
    """`tollbook run` in this process; its problems."""
    return execute_job(load_workspace(folder), "run").problems


def start_run(folder: Path, *command: str) -> "subprocess.Popen[str]":
    """`tollbook run`, or another command, in a process of its own."""
    program = "from orchestration.command import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", program, "--workspace", str(folder), *(command or ("run",))],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def command(folder: Path, *arguments: str) -> Result:
    with pytest.MonkeyPatch.context() as environment:
        # the command tells its children which workspace it is
        environment.setenv("TOLLBOOK_WORKSPACE", "")
        return CliRunner().invoke(tollbook, ["--workspace", str(folder), *arguments])


class Bench:
    """One folder that is put back to what it was before each use, at one path: no dbt parse."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.saved = folder.with_name(f"{folder.name}.saved")

    def take(self, built: Path) -> None:
        """A copy of a workspace that was run."""
        _copy(built, self.clear())

    def save(self) -> None:
        _copy(self.folder, self.saved)

    def restore(self) -> Path:
        self.clear()
        _copy(self.saved, self.folder)
        return self.folder

    def build(self, sources: Path) -> Path:
        """A first run on a copy of the sources, with nothing there before."""
        self.clear()
        copy_sources(sources, self.folder)
        run(self.folder)
        return self.folder

    def clear(self) -> Path:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        return self.folder


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, dirs_exist_ok=True)


def copy_sources(source: Path, target: Path) -> None:
    for name in SOURCES:
        if (source / name).is_dir():
            _copy(source / name, target / name)
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name)


def copy_landed(source: Path, target: Path) -> None:
    """Sources and what a run landed of them, without what it built."""
    copy_sources(source, target)
    _copy(source / "landing", target / "landing")


def contents(folder: Path) -> Rows:
    """Every table and view of the marts with its rows, in one order."""
    with open_marts(load_workspace(folder).marts) as connection:
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'main'"
        ).fetchall()
        return {
            name: connection.execute(f'select * from main."{name}" order by all').fetchall()
            for [name] in sorted(names)
        }


def query(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_marts(load_workspace(folder).marts) as connection:
        return connection.execute(sql).fetchall()


def exported(folder: Path) -> dict[str, bytes]:
    storage = open_storage(load_workspace(folder).exports)
    names = [info.name for info in storage.list()]
    return {name: content.data for name, content in storage.get_many(names)}


def exported_but_counts(folder: Path) -> dict[str, bytes]:
    """Without what was read how often: the trust page says it, and a manifest that page's hash."""
    files = exported(folder)
    pages = [name for name in files if name.endswith("/site/trust.html")]
    for name in pages:
        manifest = f"{name.partition('/')[0]}/manifest.json"
        said = json.loads(files[manifest])
        del said["files"]["site/trust.html"], files[name]
        files[manifest] = json.dumps(said, sort_keys=True).encode()
    return files


def assert_same_tables(found: Rows, expected: Rows, *, but: Iterable[str] = ()) -> None:
    assert found.keys() == expected.keys()
    assert expected["fct_requests"]
    assert expected["fct_cost_allocations"]
    differing = {
        table: _difference(found[table], expected[table])
        for table in sorted(expected.keys() - set(but))
        if found[table] != expected[table]
    }
    assert not differing, differing


def _difference(found: list[tuple[Any, ...]], expected: list[tuple[Any, ...]]) -> str:
    """How many rows differ, and the first of them, cell by cell where it differs."""
    more = sorted((Counter(found) - Counter(expected)).elements(), key=repr)
    less = sorted((Counter(expected) - Counter(found)).elements(), key=repr)
    cells = [f"{a} for {b}" for a, b in zip(*more[:1], *less[:1], strict=False) if a != b]
    return f"{len(more)} rows too many, {len(less)} missing: {', '.join(cells)}"[:1000]


def assert_same(found: Path, expected: Path) -> None:
    """Equal marts, row by row, and equal exports, byte by byte."""
    assert_same_tables(contents(found), contents(expected))
    assert exported(found) == exported(expected)


def log_objects(folder: Path) -> list[Path]:
    return sorted(file for file in (folder / "logs").rglob("*") if file.is_file())


def log_lines(file: Path) -> list[str]:
    data = file.read_bytes()
    if file.suffix == ".zst":
        data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
    return data.decode().splitlines()


def write_files(folder: Path, files: Mapping[str, bytes | str]) -> None:
    for name, data in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data.encode() if isinstance(data, str) else data)
