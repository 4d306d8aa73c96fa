"""Events are told once each, to a real webhook and as e-mails; nothing they meet fails a run."""

import email
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from email.policy import default
from pathlib import Path

import duckdb
import pytest

from ingestion.workspace.sections.notifications import (
    CHECK_FAILED,
    DEFAULT_EVENTS,
    GATE,
    Notifications,
)
from ingestion.workspace.settings import Workspace, WorkspaceError, load_workspace
from orchestration.notifying import webhook
from orchestration.notifying.events import outside, standing
from orchestration.notifying.found import VERDICT, of_close, of_failed_step, of_verdict
from orchestration.notifying.notify import notify, tell_what_waits
from orchestration.publishing.origin import origin_of
from orchestration.publishing.publish import publish
from orchestration.running.working_folder import lock_file
from tests.orchestration.small_warehouse import MODELS, write_warehouse, write_workspace
from tests.support.webhook import SECRET, Webhook

VARIABLE = "TOLLBOOK_TEST_WEBHOOK"
PHASES = """
drop table main.mart_chargeback_phases;
create table main.mart_chargeback_phases (
    billing_month date, team varchar, asked_phase varchar, phase varchar, gate_says varchar,
    override_by varchar, override_reason varchar);
insert into main.mart_chargeback_phases values
    ('2026-09-01', 'search', 'hard', 'showback', '90.0 % of dollars have a team', null, null),
    ('2026-09-01', 'hr', 'hard', 'hard', '90.0 % of dollars have a team', 'Ann Smith', 'agreed');
"""


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    hook = Webhook()
    monkeypatch.setenv(VARIABLE, hook.address)
    yield hook
    hook.server.shutdown()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    silent = write_workspace(tmp_path / "acme")
    lock_file(silent.warehouse).touch()
    return replace(silent, notifications=Notifications(VARIABLE, str(tmp_path / "mail")))


def failed(workspace: Workspace, *problems: str) -> list[str]:
    """As a verdict tells what it found."""
    event = standing(CHECK_FAILED, "a check failed", problems, VERDICT)
    return notify(workspace, [event], whole_look=VERDICT)


def mails(workspace: Workspace) -> list[email.message.EmailMessage]:
    files = sorted(Path(workspace.notifications.folder).glob("*.eml"))
    return [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]


def test_a_failure_is_told_once_and_again_only_when_it_came_back(
    workspace: Workspace, hook: Webhook
) -> None:
    untied = "2026-10 is not tied to its invoices: openai org-a: unexplained 2.31"
    assert failed(workspace, untied) == []
    # the same, of which only numbers moved
    failed(workspace, untied.replace("2.31", "1,004.5"))
    failed(workspace, untied, untied.replace("2026-10", "2026-09"), "source prod: 3 of 5 lost")
    assert hook.texts() == [
        f"*Acme: a check failed*\n• {untied}",
        f"*Acme: a check failed*\n• {untied.replace('2026-10', '2026-09')}\n"
        "• source prod: 3 of 5 lost",
    ]
    failed(workspace)
    assert len(hook.told) == 2
    failed(workspace, untied)
    assert len(hook.told) == 3
    assert [mail["Subject"] for mail in mails(workspace)] == ["Tollbook, Acme: a check failed"] * 3


@pytest.mark.parametrize(
    ("status", "wait", "drips", "why"),
    [
        (500, 0, False, "answered 500"),
        (404, 0, False, "answered 404"),
        (302, 0, False, "answered 302"),
        (200, 1.5, False, "did not answer within 0.3 seconds"),
        (200, 0, True, "did not answer within 1 seconds"),
    ],
)
def test_a_webhook_that_does_not_take_it_gets_it_at_the_next_run(
    workspace: Workspace,
    hook: Webhook,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    wait: float,
    drips: bool,
    why: str,
) -> None:
    monkeypatch.setattr(webhook, "SECONDS", 0.3)
    monkeypatch.setattr(webhook.post, "__defaults__", (1.0,))
    hook.status, hook.wait, hook.drips = status, wait, drips
    [said] = failed(workspace, "2026-10 is not tied")
    assert said == (
        f"notifications: the webhook of {VARIABLE} {why}: 1 message waits for the next run"
    )
    [again] = failed(workspace, "2026-10 is not tied", "source prod could not be read")
    assert again.endswith("2 messages wait for the next run")
    time.sleep(2 * wait)
    tried = list(hook.told)
    hook.told, hook.status, hook.wait, hook.drips = [], 200, 0, False
    assert tell_what_waits(workspace) == []
    assert tell_what_waits(workspace) == []
    assert [text.splitlines()[1] for text in hook.texts()] == [
        "• 2026-10 is not tied",
        "• source prod could not be read",
    ]
    # whoever took it, and was too slow to say so, knows it again
    assert all(
        headers["X-Tollbook-Id"] == hook.told[0][1]["X-Tollbook-Id"] for _, headers, _ in tried
    )
    assert len(mails(workspace)) == 2


def test_a_webhook_that_is_not_there_fails_nothing_and_nothing_repeats_its_address(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    said = []
    for address in (
        f"http://127.0.0.1:9/{SECRET}",
        f"https://127.0.0.1:9/{SECRET}",
        f"ftp://host/{SECRET}",
        f"http://[{SECRET}",
        "",
    ):
        monkeypatch.setenv(VARIABLE, address)
        said += failed(workspace, "2026-10 is not tied")
    assert [each.partition(": ")[2].rpartition(": ")[0] for each in said] == [
        f"the webhook of {VARIABLE} cannot be reached",
        f"the webhook of {VARIABLE} cannot be reached",
        f"the webhook of {VARIABLE} has no address like https://host/path",
        f"the webhook of {VARIABLE} cannot be reached",
        f"the webhook's environment variable {VARIABLE} is not set",
    ]
    kept = [file.read_text() for file in workspace.file.parent.rglob("*") if file.is_file()]
    assert not [text for text in (*said, caplog.text, *kept) if "xyzzy" in text]


def test_a_folder_that_cannot_be_written_holds_the_webhook_up_no_more_than_once(
    workspace: Workspace, hook: Webhook
) -> None:
    folder = Path(workspace.notifications.folder)
    folder.write_text("a file")
    [said] = failed(workspace, "2026-10 is not tied")
    assert "no e-mail could be written" in said
    folder.unlink()
    assert failed(workspace, "2026-10 is not tied") == []
    assert (len(hook.told), len(mails(workspace))) == (1, 1)


def test_what_leaves_has_no_person_no_secret_and_no_first_row() -> None:
    said = {
        "seats.csv:3: person: `ann.smith` has two seats": "seats.csv:3: person:",
        "disputes.csv:2: by: `Ann Smith` is no owner": "disputes.csv:2: by:",
        "prod: ask ann.smith@acme.example": "prod: ask (an e-mail address)",
        "dbt test grain: Got 1 result; first: user_id ann.smith": "dbt test grain: Got 1 result",
        "prod: Bearer abcdef0123456789 refused": "prod: ",
        "https://tool:xyzzy12345@host/ refused": "https://",
    }
    for sentence, start in said.items():
        told = outside(sentence)
        assert told.startswith(start)
        assert not [word for word in ("ann", "Ann", "abcdef", "xyzzy") if word in told]


def test_a_name_calls_nobody_in_slack_and_ends_no_header(
    workspace: Workspace, hook: Webhook
) -> None:
    shouting = replace(workspace, company="A & B\r\nBcc: x@y")
    failed(shouting, "team <!channel> & co")
    [text] = hook.texts()
    assert "<" not in text and "&lt;!channel&gt; &amp; co" in text
    [mail] = mails(workspace)
    assert mail["Bcc"] is None and mail["Subject"] == "Tollbook, A & B Bcc: x@y: a check failed"
    assert "team <!channel> & co" in mail.get_content()


def test_what_a_run_published_is_told_by_team_and_a_failed_step_by_its_sentence(
    workspace: Workspace, hook: Webhook
) -> None:
    write_warehouse(workspace.warehouse, {"2026-09-01": ("a", 1)})
    with duckdb.connect(workspace.warehouse) as connection:
        connection.execute(PHASES)
    publish(workspace.warehouse, workspace.marts, MODELS, origin_of(workspace))
    notify(workspace, of_verdict(workspace, []), whole_look=VERDICT)
    notify(workspace, of_verdict(workspace, []), whole_look=VERDICT)
    step = of_failed_step("dbt", ["dbt test conserved: Got 2 results"])
    notify(workspace, [step])
    notify(workspace, [step])
    # a run that comes to its verdict has passed the step: if it fails again, that is news
    notify(workspace, of_verdict(workspace, []), whole_look=VERDICT)
    notify(workspace, [step])
    notify(workspace, of_close(workspace, load_month("2026-09")))
    assert hook.texts() == [
        "*Acme: a gate holds a team back*\n"
        "• 2026-09, search: showback and not hard yet: 90.0 % of dollars have a team",
        *["*Acme: a run failed*\n• dbt test conserved: Got 2 results"] * 2,
        "*Acme: 2026-09 is closed: 33.35 USD charged, 3.34 of it nobody's*",
    ]
    kinds = [headers["X-Tollbook-Event"] for _, headers, _ in hook.told]
    assert kinds == ["gate", "check_failed", "check_failed", "month_closed"]


def load_month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


def test_only_the_events_that_are_named_are_told(workspace: Workspace, hook: Webhook) -> None:
    some = Notifications(VARIABLE, events=(GATE,))
    assert failed(replace(workspace, notifications=some), "2026-10 is not tied") == []
    assert hook.told == []


def test_nothing_is_told_or_written_where_nobody_asked(tmp_path: Path, hook: Webhook) -> None:
    silent = write_workspace(tmp_path / "silent")
    assert failed(silent, "2026-10 is not tied") == []
    assert (hook.told, (silent.file.parent / ".tollbook").exists()) == ([], False)


def test_of_many_that_wait_the_oldest_are_given_up_and_it_is_said(
    workspace: Workspace, hook: Webhook
) -> None:
    hook.status = 500
    said = [failed(workspace, f"source s{number}x failed") for number in range(101)]
    assert [len(each) for each in said[:100]] == [1] * 100
    assert said[100][1] == ("notifications: the 1 oldest that waited are given up: too many wait")


SETTINGS = "company: Acme\ngateways:\n  - {name: prod, format: litellm, location: logs}\n"


def test_settings_are_off_or_what_they_say(tmp_path: Path) -> None:
    file = tmp_path / "tollbook.yaml"
    file.write_text(SETTINGS)
    assert not load_workspace(tmp_path).notifications
    file.write_text(
        f"{SETTINGS}notifications: {{url: env:HOOK, folder: mail, to: a@b.example, events: [gate]}}"
    )
    assert load_workspace(tmp_path).notifications == Notifications(
        "HOOK", str(tmp_path / "mail"), ("a@b.example",), events=("gate",)
    )
    file.write_text(f"{SETTINGS}notifications: {{url: env:HOOK}}")
    assert load_workspace(tmp_path).notifications.events == DEFAULT_EVENTS


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{events: [gate]}", "`notifications` tells nobody: give it `url: env:NAME`"),
        ("{url: https://hooks.example/secret}", "`url` must be `env:NAME`"),
        ("{url: env:HOOK, events: [runaways]}", "`runaways` is not one of month_closed, "),
        ("{url: env:HOOK, events: []}", "`events` is empty"),
        ("{url: env:HOOK, to: [a@b.example]}", "`to` is of e-mails: add the `folder`"),
        ("{folder: mail, to: [finance]}", "`to: finance` is no e-mail address"),
        ("{folder: mail, from: 'A <a@b>'}", "is no e-mail address"),
        ("{folder: mail, urls: env:HOOK}", "urls"),
        ("yes", "`notifications`"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "tollbook.yaml").write_text(f"{SETTINGS}notifications: {text}\n")
    with pytest.raises(WorkspaceError) as refused:
        load_workspace(tmp_path)
    [line] = str(refused.value).splitlines()
    assert why in line and "hooks.example" not in line
