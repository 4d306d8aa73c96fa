"""The watch between runs: new objects alone, compared with what the last run published."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import dagster as dg
import pytest

from ingestion.workspace.settings import Workspace, load_workspace
from orchestration.running.lock import hold
from orchestration.running.working_folder import lock_file
from orchestration.watching.schedule import watch_job, watch_schedule
from orchestration.watching.watch import watch
from tests.pipeline.workspace_runs import run
from tests.pipeline.workspaces import command

SETTINGS: Final = """\
company: Acme
gateways:
  - {name: proxy, format: generic, location: logs, columns: {gateway_key_alias: key, user_id: who}}
notifications: {folder: mail, events: [runaway]}
"""
PRICES: Final = (
    "provider,model,meter,unit_price_per_million\nhouse,large,input,2500\nhouse,bare,output,1\n"
)
START: Final = datetime(2026, 9, 20, tzinfo=UTC)
END: Final = datetime(2026, 10, 22, 10, tzinfo=UTC)


def line(moment: datetime, prompt: int, number: int = 0, **said: Any) -> str:
    fields = {
        "timestamp": moment.isoformat().replace("+00:00", "Z"),
        "request_id": f"{moment:%d%H%M%S}-{number}",
        "model_name": "large",
        "input_token_count": prompt,
        "output_token_count": 0,
        "provider": "house",
        "feature_tag": "build",
        "team": "apps",
        "key": "builder",
    }
    return json.dumps({**fields, **said}) + "\n"


def quiet(since: datetime, until: datetime) -> Iterator[str]:
    """$5.00 an hour."""
    for hour in range(int((until - since) / timedelta(hours=1))):
        for minute in (5, 35):
            yield line(since + timedelta(hours=hour, minutes=minute), 1000)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("acme")
    (folder / "tollbook.yaml").write_text(SETTINGS)
    for name, text in {
        "logs/before.ndjson": "".join(quiet(START, END)),
        "reference/prices.csv": PRICES,
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    assert "nothing was published" not in run(folder).output
    return load_workspace(folder)


def put(workspace: Workspace, name: str, *lines: str) -> None:
    (workspace.file.parent / "logs" / name).write_text("".join(lines))


def mails(workspace: Workspace) -> list[str]:
    folder = workspace.file.parent / "mail"
    return [file.read_text() for file in sorted(folder.glob("*.eml"))]


def said(workspace: Workspace) -> list[str]:
    told: list[str] = []
    watch(workspace, told.append)
    return told


@pytest.mark.whole
def test_what_is_out_of_line_is_told_once_by_the_watch_and_not_again_by_the_run(
    workspace: Workspace,
) -> None:
    # a log that is delivered again is no news, nor is the next quiet hour
    put(workspace, "again.ndjson", *quiet(END - timedelta(hours=3), END))
    put(workspace, "quiet.ndjson", *quiet(END, END + timedelta(hours=1)))
    assert said(workspace) == ["2 new or changed objects, 0 out of line"]
    # ten minutes of prompts of 18 times their length, and of a model that nobody prices
    moments = [END + timedelta(hours=1, seconds=second) for second in (1, 200, 400)]
    put(workspace, "long.ndjson", *(line(moment, 18_000, who="u-1") for moment in moments))
    unknown = [line(END, 9_000_000, n, model_name="none", key="trial") for n in range(5)]
    put(workspace, "unknown.ndjson", *unknown)
    told = said(workspace)
    assert told == [
        "2 new or changed objects, 2 out of line",
        "key proxy/builder: 135.00 USD at list price in the hour from 2026-10-22 11:00 UTC, out of"
        " line from 30.00 on, usual 5.00; team apps, key proxy/builder",
        "key proxy/trial: 45000000 unpriced quantity, what they cost is unknown in the hour from"
        " 2026-10-22 10:00 UTC, out of line from 40000000 on; of no known team, key proxy/trial",
    ]
    [mail] = mails(workspace)
    assert "135.00 USD" in mail.replace("=\n", "")
    # the same look finds the same, and tells nobody
    assert said(workspace)[1:] == told[1:]
    run(workspace.file.parent)
    assert len(mails(workspace)) == 1
    rows = command(
        workspace.file.parent,
        *("query", "--format", "json"),
        "select entity, exposure_so_far, is_open from mart_runaways order by entity",
    )
    found = json.loads(rows.stdout)
    assert [(row["entity"], row["is_open"]) for row in found] == [
        ("proxy/builder", True),
        ("proxy/trial", True),
    ]
    assert Decimal(str(found[0]["exposure_so_far"])) == 130


@pytest.mark.whole
def test_the_schedule_is_off_and_asks_for_a_look_where_an_object_came(
    workspace: Workspace,
) -> None:
    schedule = watch_schedule(workspace)
    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED
    watch(workspace, lambda text: None)

    def asked() -> str:
        result = schedule(dg.build_schedule_context())
        return result.skip_message or "" if isinstance(result, dg.SkipReason) else "run"

    assert asked() == "no object came or changed since the last look"
    put(workspace, "more.ndjson", *quiet(END + timedelta(hours=2), END + timedelta(hours=3)))
    assert asked() == "run"
    with hold(lock_file(workspace.warehouse), "a run", lambda text: None):
        assert "looks itself" in asked()
        assert said(workspace) == ["a run is at work, or none ever was: it looks itself"]
    # a file that may be written again within the tick of its clock is looked at once more
    time.sleep(2.1)
    assert watch_job(workspace).execute_in_process().success
    assert asked() == "no object came or changed since the last look"
