"""How far a run is, as a terminal and a file are told."""

import io
import logging
import os
import pty
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from orchestration.commands.run import seconds_table
from orchestration.execution import execute_job
from orchestration.running.display import Steps, step_name
from orchestration.running.progress import Progress, progress_logger, say, shown
from tests.orchestration.small_warehouse import write_workspace

# A run of two steps, the first of which counts and says what would command a terminal.
PROGRAM = """
import sys
from pathlib import Path
from orchestration.command import print_safely
from tests.orchestration.test_progress import run_two_steps
print_safely()
run_two_steps(Path(sys.argv[1]))
"""


def two_steps() -> dg.Definitions:
    @dg.asset
    def read_prod(context: dg.AssetExecutionContext) -> None:
        counter = Progress(context.log, "prod: objects read")
        for done in range(1, 4):
            counter.count(done, 3, "a.jsonl")
        say(context.log, "prod: \x1b[31mread\x1b[2J")

    @dg.asset(deps=[read_prod])
    def verdict() -> None: ...

    return dg.Definitions(
        [read_prod, verdict],
        jobs=[dg.define_asset_job("two")],
        loggers={"console": progress_logger},
        executor=dg.in_process_executor,
    )


def run_two_steps(folder: Path) -> dict[str, float]:
    outcome = execute_job(write_workspace(folder), "two", definitions=lambda _: two_steps())
    assert outcome.problems == []
    return dict(outcome.seconds)


def test_a_file_gets_plain_lines_with_place_and_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = run_two_steps(tmp_path)
    assert capsys.readouterr().err.splitlines() == [
        "step 1 of 2: read prod",
        "prod: \\x1b[31mread\\x1b[2J",
        "step 2 of 2: verdict",
    ]
    assert list(seconds) == ["read prod", "verdict"]


def test_a_terminal_gets_one_line_that_moves_and_obeys_no_text_of_a_log(tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], stderr=follower, env=environment
    )
    os.close(follower)
    shown_text = io.BytesIO()
    try:
        while data := os.read(leader, 65536):
            shown_text.write(data)
    except OSError:
        pass  # the other end is closed
    assert process.wait(60) == 0
    text = shown_text.getvalue().decode()
    assert "2 of 2 verdict" in text
    assert "\\x1b[31mread\\x1b[2J" in text
    assert "\x1b[31m" not in text and "\x1b[2J" not in text
    assert "step 1 of 2" not in text


def test_long_work_says_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("orchestration.running.progress.PROGRESS_SECONDS", 0.0)
    log = logging.getLogger("counted")
    with caplog.at_level(logging.INFO, "counted"):
        Progress(log, "models and tests built").count(104, 287, "int_requests")
    assert caplog.messages == ["models and tests built: 104 of 287, last int_requests"]


def test_a_moving_line_is_told_every_count() -> None:
    told: list[object] = []

    class Watched:
        def say(self, text: str) -> None:
            told.append(text)

        def step(self, place: str, name: str) -> None:
            told.append((place, name))

        def count(self, done: int, total: int, last: str) -> None:
            told.append((done, total, last))

    steps = Steps(10, Watched())
    steps.begin("dbt_build")
    with shown(steps):
        Progress(logging.getLogger("counted"), "built").count(1, 2, "x")
    assert told == [("1 of 10", "build models"), (1, 2, "x")]


def test_steps_have_names_that_people_say() -> None:
    assert step_name("read_litellm_prod") == "read litellm_prod"
    assert step_name("warehouse_sources") == "load warehouse"
    assert step_name("something__new") == "something new"


def test_the_seconds_are_one_aligned_table() -> None:
    assert seconds_table({"read prod": 1.25, "build models": 20.0}, 22.0).splitlines() == [
        "step               seconds",
        "read prod              1.2",
        "build models          20.0",
        "start and summary      0.8",
        "total                 22.0",
    ]
