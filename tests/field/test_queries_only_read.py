"""`tollbook query` reaches the published marts and nothing else, and says in a sentence why not."""

import shutil
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from ingestion.workspace.settings import Workspace
from orchestration.command import tollbook
from orchestration.publishing.publish import publish
from tests.orchestration.small_warehouse import (
    MODELS,
    ORIGIN,
    write_day_files,
    write_warehouse,
    write_workspace,
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = write_workspace(tmp_path_factory.mktemp("marts") / "acme")
    write_warehouse(workspace.warehouse, {"2026-09-01": ("a", 2)})
    publish(workspace.warehouse, workspace.marts, MODELS, ORIGIN)
    (workspace.file.parent / "secret.csv").write_text("key\nplanted-secret\n")
    return workspace


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOLLBOOK_WORKSPACE", "")


def query(workspace: Workspace, sql: str) -> Result:
    return CliRunner().invoke(tollbook, ["query", sql, "--workspace", str(workspace.file)])


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


ESCAPES = [
    # writes
    "copy (select 1) to '{home}/out.csv'",
    "copy fct_requests to '{parquet}/out.parquet'",
    "with a as (copy (select 1) to '{parquet}/out.parquet') select * from a",
    "with a as (copy (select 1) to '{marts}') select * from a",
    "with a as (insert into fct_cost_allocations select * from fct_cost_allocations returning 1)"
    " select * from a",
    "with a as (copy (select 1) to '{parquet}/out.csv') pivot fct_requests on team using count(*)",
    "export database '{home}/out'",
    "export database '{parquet}/out'",
    "explain analyze copy (select 1) to '{parquet}/out.csv'",
    "select * from query('copy (select 1) to ''{parquet}/out.csv''')",
    "create table t as select 1",
    "create temp table t as select 1",
    "call enable_logging(storage_path='{home}/out')",
    "pragma profiling_output='{home}/out.json'",
    "select 1; copy (select 1) to '{parquet}/out.csv'",
    "/* a */ copy (select 1) to '{parquet}/out.csv'",
    # reads
    "select * from read_text('{home}/secret.csv')",
    "select * from read_csv('{home}/secret.csv')",
    "select * from '{home}/secret.csv'",
    "select * from read_blob('{parquet}/../secret.csv')",
    "select * from glob('{home}/*')",
    "select * from sniff_csv('{home}/secret.csv')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/proc/self/environ')",
    "select * from read_csv('http://127.0.0.1:9/x.csv')",
    "attach '{home}/warehouse.duckdb' as w",
    "select * from workspace",
    "select getenv('HOME')",
    # and what would open the door again
    "set enable_external_access = true",
    "reset allowed_directories",
    "pragma enable_external_access = true",
    "install httpfs",
    "load httpfs",
    "set allowed_directories = ['/']; select * from read_text('/etc/passwd')",
]


@pytest.mark.parametrize("sql", ESCAPES)
def test_no_file_is_written_or_read_by_a_query(workspace: Workspace, sql: str) -> None:
    home, parquet = workspace.file.parent, workspace.marts.with_name("marts.requests")
    before = files(home)
    asked = sql.format(home=home, parquet=parquet, marts=workspace.marts)
    result = query(workspace, asked)
    assert result.exit_code == 1
    told = f"{result.output}{result.exception}"
    assert "planted-secret" not in told and "root:" not in told
    assert files(home) == before


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from fct_requests",
        "from requests_per_team",
        "with r as (select team from fct_requests) select team, count(*) from r group by team",
        "show tables",
        "describe fct_requests",
        "summarize fct_cost_allocations",
        "pivot fct_requests on team using count(*)",
        "/* by team */ pivot fct_requests on team using count(*)",
        "select * from fct_requests union all select * from fct_requests order by all;",
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3) from n",
    ],
)
def test_questions_of_every_form_are_answered(workspace: Workspace, sql: str) -> None:
    result = query(workspace, sql)
    assert result.exit_code == 0, f"{result.output}{result.exception}"
    assert result.output.strip()


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("", "no SQL to run"),
        ("   -- nothing\n", "no SQL to run"),
        (";", "no SQL to run"),
        ("selec 1", 'syntax error at or near "selec": correct the SQL'),
        ("select 1 from", "correct the SQL"),
        ("select * from fct_request", 'Did you mean "fct_requests"'),
        ("select cast('x' as integer)", "correct the SQL"),
        ("select 1; select 2", "2 statements: query runs one at a time"),
    ],
)
def test_what_is_no_question_is_told_in_a_sentence(
    workspace: Workspace, sql: str, told: str
) -> None:
    result = query(workspace, sql)
    assert result.exit_code == 1
    [line] = result.output.splitlines()
    assert told in line


def damaged(workspace: Workspace, folder: Path) -> Workspace:
    shutil.copytree(workspace.file.parent, folder)
    copy = write_workspace(folder)
    copy.marts.chmod(0o644)
    return copy


def told_of(workspace: Workspace, *arguments: str) -> str:
    result = CliRunner().invoke(tollbook, ["--workspace", str(workspace.file), *arguments])
    assert result.exit_code == 1
    told = str(result.exception)
    assert "\n" not in told and "tollbook run`" in told
    return told


QUERY = ("query", "select count(*) from fct_requests")
EXPLAIN = ("explain", "--month", "2026-09")


@pytest.mark.parametrize("arguments", [QUERY, EXPLAIN])
def test_marts_that_cannot_be_read_say_what_to_do(
    workspace: Workspace, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    copy = damaged(workspace, tmp_path / "acme")
    whole = copy.marts.read_bytes()
    # of half a file the views on Parquet, which lies beside it, may still be read
    half = [whole[: len(whole) // 2]] if arguments is EXPLAIN else []
    for bytes_ in (b"", b"not a database" * 1000, *half):
        copy.marts.write_bytes(bytes_)
        assert str(copy.marts) in told_of(copy, *arguments)
    copy.marts.unlink()
    assert "no marts are published yet" in told_of(copy, *arguments)
    copy.marts.mkdir()
    assert str(copy.marts) in told_of(copy, *arguments)


def test_a_database_of_somebody_else_is_told_from_marts(
    workspace: Workspace, tmp_path: Path
) -> None:
    copy = damaged(workspace, tmp_path / "acme")
    copy.marts.unlink()
    with duckdb.connect(copy.marts) as connection:
        connection.execute("create table sales as select 1 as amount")
    assert "do not say what they were made of" in told_of(copy, *EXPLAIN)
    assert "Table with name fct_requests does not exist" in query(copy, QUERY[1]).output


def test_a_folder_that_was_moved_or_copied_is_read_where_it_is(
    workspace: Workspace, tmp_path: Path
) -> None:
    """The Parquet of where it was is never read."""
    copy = damaged(workspace, tmp_path / "acme")
    assert query(copy, QUERY[1]).output == query(workspace, QUERY[1]).output
    (copy.marts.parent / "marts.requests").rename(tmp_path / "elsewhere")
    assert "cannot be read to its end" in told_of(copy, *QUERY)
    assert query(copy, "select count(*) from fct_cost_allocations").exit_code == 0
    with duckdb.connect(copy.warehouse) as warehouse:
        write_day_files(warehouse)
    publish(copy.warehouse, copy.marts, MODELS, ORIGIN)
    assert query(copy, QUERY[1]).exit_code == 0


def name_parquet_absolutely(workspace: Workspace) -> None:
    """The marts as a release before 0.3.0 left them."""
    files = sorted(str(file) for file in workspace.marts.parent.rglob("*.parquet"))
    workspace.marts.chmod(0o644)
    with duckdb.connect(workspace.marts) as marts:
        marts.execute(
            f"create or replace view main.fct_requests as select * from read_parquet({files})"
        )
    workspace.marts.chmod(0o444)


def test_older_marts_name_their_parquet_absolutely_and_are_published_anew(
    workspace: Workspace, tmp_path: Path
) -> None:
    older = damaged(workspace, tmp_path / "older")
    name_parquet_absolutely(older)
    assert query(older, QUERY[1]).output == query(workspace, QUERY[1]).output
    moved = damaged(older, tmp_path / "moved")
    assert f"an earlier release published it in {older.file.parent}" in told_of(moved, *QUERY)
    assert query(moved, "select count(*) from fct_cost_allocations").exit_code == 0
    publish(moved.warehouse, moved.marts, MODELS, ORIGIN)
    assert query(moved, QUERY[1]).output == query(workspace, QUERY[1]).output


def test_parquet_that_is_gone_is_told(workspace: Workspace, tmp_path: Path) -> None:
    copy = damaged(workspace, tmp_path / "acme")
    publish(copy.warehouse, copy.marts, MODELS, ORIGIN)
    shutil.rmtree(copy.marts.with_name("marts.requests"))
    assert "cannot be read to its end" in told_of(copy, *QUERY)
