"""What a run may have in memory: as tollbook.yaml says it, of what the machine or container has."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from ingestion.workspace.sections import memory
from ingestion.workspace.sections.memory import memory_bytes
from orchestration.running.memory import duckdb_config, peak_memory, remove_spilt
from tests.orchestration.small_warehouse import write_workspace

GIB = 2**30


@pytest.mark.parametrize(
    ("limit", "wanted"),
    [
        ("50%", 8 * GIB),
        ("12.5%", 2 * GIB),
        ("4GB", 4 * 1000**3),
        ("4 GiB", 4 * GIB),
        ("1.5gib", GIB * 3 // 2),
        ("512MB", 512 * 1000**2),
        ("1TB", 1000**4),
    ],
)
def test_a_limit_is_a_size_or_a_part(limit: str, wanted: int) -> None:
    assert memory_bytes(limit, 16 * GIB) == wanted


@pytest.mark.parametrize("limit", ["much", "4", "0%", "100%", "-1GB", "4KB", "100MB", "0GB", "1e9"])
def test_nonsense_is_no_limit(limit: str) -> None:
    assert memory_bytes(limit, 16 * GIB) is None


def test_a_container_has_less_than_its_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = memory.usable_memory()
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(memory, "CGROUP_LIMITS", (limit,))
    limit.write_text("max\n")
    assert memory.usable_memory() >= machine
    limit.write_text("1073741824\n")
    assert memory.usable_memory() == GIB


def test_connections_of_a_run_have_the_limit_and_spill_into_the_workspace(tmp_path: Path) -> None:
    workspace = replace(write_workspace(tmp_path), memory_limit="512MiB")
    with duckdb.connect(config=dict(duckdb_config(workspace))) as connection:
        connection.execute("create table t as select range as i from range(10)")
        [(limit, folder)] = connection.execute(
            "select current_setting('memory_limit'), current_setting('temp_directory')"
        ).fetchall()
    assert (limit, folder) == ("512.0 MiB", str(tmp_path / ".tollbook" / "spill"))
    (tmp_path / ".tollbook" / "spill" / "left").write_text("by a run that was killed")
    remove_spilt(workspace)
    assert not list(tmp_path.rglob("left"))


def test_the_peak_is_of_this_process() -> None:
    assert 10 * 2**20 < peak_memory() < memory.usable_memory() * 100
