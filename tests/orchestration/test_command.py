"""The `tollbook` command: clear words, right exit status, nothing overwritten."""

import csv
import io
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingestion.workspace.settings import Workspace, WorkspaceError, load_workspace
from orchestration.command import COMMANDS, tollbook
from orchestration.publishing.publish import publish
from tests.orchestration.small_warehouse import MODELS, ORIGIN, write_warehouse, write_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = write_workspace(tmp_path / "acme")
    write_warehouse(workspace.warehouse, {"2026-09-01": ("a", 2)})
    publish(workspace.warehouse, workspace.marts, MODELS, ORIGIN)
    return workspace


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # the command tells its children which workspace it is
    monkeypatch.setenv("TOLLBOOK_WORKSPACE", "")


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(tollbook, [str(argument) for argument in arguments])


def query(workspace: Workspace, sql: str, *options: str) -> str:
    result = invoke("--workspace", workspace.file, "query", sql, *options)
    assert result.exit_code == 0, result.output
    return result.output


def test_every_command_is_listed_and_explains_itself() -> None:
    output = invoke("--help").output
    for name in COMMANDS:
        assert name in output
        assert invoke(name, "--help").exit_code == 0


def test_a_query_is_shown_as_table_csv_and_json(workspace: Workspace) -> None:
    sql = "select team, list_cost, null as nothing from main.fct_requests order by request_id"
    assert query(workspace, sql).splitlines() == [
        "team        list_cost  nothing",
        "team0  0.000000000000  NULL   ",
        "team1  0.001000000000  NULL   ",
    ]
    rows = list(csv.reader(io.StringIO(query(workspace, sql, "--format", "csv"))))
    assert rows == [
        ["team", "list_cost", "nothing"],
        ["team0", "0.000000000000", ""],
        ["team1", "0.001000000000", ""],
    ]
    output = query(workspace, sql, "--format", "json")
    assert '"list_cost": 0.001000000000' in output
    assert json.loads(output)[1] == {"team": "team1", "list_cost": 0.001, "nothing": None}


def test_markup_in_a_cell_is_shown_as_it_is(workspace: Workspace) -> None:
    assert "[red]x[/]" in query(workspace, "select '[red]x[/]' as cell")


def test_a_query_cannot_write(workspace: Workspace) -> None:
    result = invoke("--workspace", workspace.file, "query", "create table t as select 1")
    assert result.exit_code == 1
    assert "read-only" in result.output


def test_a_query_before_the_first_run_says_what_to_do(tmp_path: Path) -> None:
    workspace = write_workspace(tmp_path)
    result = invoke("--workspace", workspace.file, "query", "select 1")
    assert isinstance(result.exception, WorkspaceError)
    assert "run `tollbook run` first" in str(result.exception)


def test_the_process_ends_with_status_1_and_one_sentence_per_problem(tmp_path: Path) -> None:
    (tmp_path / "tollbook.yaml").write_text("gateways: []\nbillz: []\n")
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from orchestration.command import main; main()"),
            *("--workspace", str(tmp_path), "query", "select 1"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert len(lines) >= 2
    assert all(line.startswith(f"error: {tmp_path / 'tollbook.yaml'}:") for line in lines)


def test_init_writes_a_workspace_that_loads_and_never_overwrites(tmp_path: Path) -> None:
    folder = tmp_path / 'new: "one" {x}'
    assert invoke("init", folder).exit_code == 0
    workspace = load_workspace(folder)
    assert workspace.company == 'new: "one" {x}'
    header = (folder / "reference" / "credentials.csv").read_text()
    assert header.startswith("source,credential_id,team_id,feature,environment")
    (folder / "tollbook.yaml").write_text("company: mine\n")
    (folder / "reference" / "teams.csv").unlink()
    output = invoke("init", folder).output
    assert (folder / "tollbook.yaml").read_text() == "company: mine\n"
    assert "teams.csv" in output
    assert "credentials.csv" not in output


def test_an_export_month_must_be_a_month() -> None:
    result = invoke("export", "October")
    assert result.exit_code == 2
    assert "write it as 2026-10" in result.output


def files_below(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_check_asks_about_a_gateway_without_objects_and_writes_nothing(
    workspace: Workspace,
) -> None:
    before = files_below(workspace.file.parent)
    result = invoke("--workspace", workspace.file, "check")
    assert f"prod: no objects below {workspace.gateways[0].location}" in result.output
    assert result.exit_code == 0
    assert files_below(workspace.file.parent) == before


def test_check_names_models_that_nobody_knows_or_prices_and_a_time_without_a_price(
    workspace: Workspace,
) -> None:
    request = {
        "id": "r1",
        "call_type": "acompletion",
        "status": "success",
        "startTime": 1790000000.0,
        "model": "llama-hr",
        "custom_llm_provider": "openai",
        "response": {"usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}},
    }
    log = Path(workspace.gateways[0].location, "a.jsonl")
    calls = [
        request | {"response_cost": 0.25},
        request | {"id": "r2", "model": "llama-it"},
        request | {"id": "r3", "model": "mixtral-1"},
        request | {"id": "r4", "model": "gemma-1"},
    ]
    log.write_text("".join(f"{json.dumps(each)}\n" for each in calls))
    reference = workspace.file.parent / "reference"
    reference.mkdir(exist_ok=True)
    (reference / "models.csv").write_text(
        "provider,raw_model,model\nopenai,MIXTRAL-*,house-llama\n"
        "openai,gemma-*,openai/gpt-4o-2024-08-06\n"
    )
    (reference / "prices.csv").write_text(
        "provider,model,meter,unit_price_per_million,valid_from,valid_to\n"
        "own,llama,input,1,2026-01-01,2026-02-01\nown,llama,input,2,2026-03-01,\n"
    )
    result = invoke("--workspace", workspace.file, "check")
    lines = [line.split() for line in result.output.splitlines()]
    title = "no known model (models.csv says which it is, or prices.csv what it costs):"
    assert title in result.output
    assert ["llama-hr", "openai", "standard", "1", "9", "0.25"] in lines
    assert ["llama-it", "openai", "standard", "1", "9", "unknown"] in lines
    assert "without a price (give them one in prices.csv):" in result.output
    assert ["house-llama", "openai", "standard", "1", "9"] in lines
    assert not any(word in ("gpt-4o", "gemma-1", "mixtral-1") for line in lines for word in line)
    told = "prices.csv:3: valid_from: own llama input standard has no price from 2026-02-01 00:00"
    assert told in str(result.exception)


def test_check_tells_what_is_wrong_in_csvs_before_dbt_is_loaded(workspace: Workspace) -> None:
    reference = workspace.file.parent / "reference"
    reference.mkdir(exist_ok=True)
    (reference / "teams.csv").write_text("team_id,colour\nhr,red\n")
    program = (
        "import sys; from orchestration.command import main\n"
        "try: main()\n"
        "finally: heavy = {'dagster', 'dbt'} & {*sys.modules}; assert not heavy, heavy"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, "check", "--workspace", str(workspace.file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "teams.csv:1: colour" in ended.stderr
    assert "AssertionError" not in ended.stderr


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_takes_the_workspace_after_it(command: str, tmp_path: Path) -> None:
    """A folder without a file is told, but by those that make a workspace, and new-source: its name
    is one that no format can have.
    """
    needed = {"query": ["select 1"], "explain": ["--month", "2026-10"]}
    needed |= {"forget": ["--user", "ann"], "what-if": ["--month", "2026-10", "--scale", "2"]}
    needed |= {name: ["2026-10"] for name in ("audit", "close", "diff", "export")}
    made = {
        "init": [str(tmp_path / "new")],
        "simulate": [str(tmp_path / "sim"), "--preset", "x"],
        "new-source": ["class", "--like", "generic"],
    }
    arguments = [*needed.get(command, []), *made.get(command, [])]
    for place in ("before", "after"):
        named = ["--workspace", str(tmp_path / "nowhere")]
        whole = [*named, command] if place == "before" else [command, *named]
        result = invoke(*whole, *arguments)
        assert result.exit_code != 2, result.output
        if command not in made:
            assert "nowhere" in str(result.exception)


def test_a_workspace_before_and_after_must_be_the_same(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = workspace.file.parent
    same = invoke("--workspace", folder, "query", "select 1", "--workspace", workspace.file)
    assert same.exit_code == 0
    differing = invoke("--workspace", tmp_path, "query", "select 1", "--workspace", folder)
    assert differing.exit_code == 2
    assert "differ: give one" in differing.output
    # the environment is a default, which the command line overrides on either side
    monkeypatch.setenv("TOLLBOOK_WORKSPACE", str(tmp_path / "other"))
    assert invoke("query", "select 1", "--workspace", folder).exit_code == 0
    assert invoke("--workspace", folder, "query", "select 1").exit_code == 0


def test_an_interrupt_is_one_sentence_and_status_130(workspace: Workspace) -> None:
    endless = "select sum(a.range * b.range) from range(10000000) a, range(10000000) b"
    script = Path(sys.executable).with_name("tollbook")
    asked = subprocess.Popen(
        [script, "query", endless, "--workspace", workspace.file],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a shell starts what runs in its background deaf to interrupts
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        time.sleep(2)
        asked.send_signal(signal.SIGINT)
        told, warned = asked.communicate(timeout=60)
    finally:
        asked.kill()
    assert asked.returncode == 130
    assert told == ""
    assert warned.strip().count("\n") == 0
    assert warned.strip().startswith("interrupted: ")


def test_query_starts_without_dagster_and_dbt(workspace: Workspace) -> None:
    program = (
        "import sys; from orchestration.command import main; main();"
        "heavy = {'dagster', 'dbt', 'boto3', 'pandas'} & {*sys.modules}; assert not heavy, heavy"
    )
    arguments = ["query", "select 1", "--workspace", str(workspace.file)]
    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
