"""What a run says when it cannot even begin."""

from pathlib import Path

import dagster as dg
import duckdb
import pytest
from click.testing import CliRunner

from orchestration.command import tollbook
from orchestration.execution import execute_job
from orchestration.publishing.marts import open_marts
from orchestration.warehouse.landing_schema import open_warehouse
from tests.orchestration.small_warehouse import write_workspace


def run_problems(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("TOLLBOOK_WORKSPACE", "")
    result = CliRunner().invoke(tollbook, ["--workspace", str(folder), "run"])
    return str(result.exception).splitlines()


def test_a_warehouse_that_cannot_be_made_and_wrong_reference_data_are_one_sentence_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = write_workspace(tmp_path)
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "teams.csv").write_text("team_id,colour\nx,red\n")
    reference, nothing = run_problems(tmp_path, monkeypatch)
    assert reference.startswith(f"{tmp_path}/reference/teams.csv:1: colour")
    assert nothing.startswith("nothing was published")
    (tmp_path / "file").write_text("")
    with workspace.file.open("a") as file:
        file.write("warehouse: file/warehouse.duckdb\n")
    lock, _ = run_problems(tmp_path, monkeypatch)
    assert lock.endswith("make its folder writable")


def test_a_warehouse_that_is_no_database_or_open_elsewhere_says_what_to_do(
    tmp_path: Path,
) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_text("not a database" * 100)
    with pytest.raises(Exception, match="remove it, a run builds it anew"):
        open_warehouse(path)
    with pytest.raises(Exception, match="`tollbook run` writes it anew"), open_marts(path):
        pass
    path.unlink()
    with duckdb.connect(path), open_warehouse(path) as same_process:
        assert same_process.execute("select 1").fetchall() == [(1,)]


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, dg.DagsterExecutionInterruptedError])
def test_an_interrupted_job_interrupts_the_command(
    tmp_path: Path, interrupt: type[BaseException]
) -> None:
    """Dagster makes it a failure of the step, which would be told as a problem of the data."""

    @dg.op
    def waits() -> None:
        raise interrupt

    @dg.job
    def waiting() -> None:
        waits()

    workspace = write_workspace(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        execute_job(workspace, "waiting", definitions=lambda _: dg.Definitions(jobs=[waiting]))
