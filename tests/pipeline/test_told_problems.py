"""What is wrong with a month is told by a real run to a real webhook, once."""

from pathlib import Path

import pytest
from workspace_runs import Outcome, copy_workspace
from workspaces import command

from tests.support.webhook import SECRET, Webhook

VARIABLE = "TOLLBOOK_TEST_WEBHOOK"


# in short: tests/orchestration/test_notifications.py
@pytest.mark.whole
def test_an_untied_month_is_told_once_by_the_run_that_reaches_the_webhook(
    untied: tuple[Path, Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_workspace(untied[0], tmp_path / "company")
    with (folder / "tollbook.yaml").open("a") as settings:
        settings.write(f"\nnotifications: {{url: env:{VARIABLE}}}\n")
    hook = Webhook()
    monkeypatch.setenv(VARIABLE, hook.address)
    hook.status = 503
    first = command(folder, "run")
    assert first.exit_code == 1
    assert f"the webhook of {VARIABLE} answered 503: 1 message waits" in first.output
    hook.status = 200
    # nothing is new, but what waits is told
    again = command(folder, "run")
    assert again.exit_code == 1 and "nothing is new" in again.output
    assert "webhook" not in again.output
    command(folder, "run")
    assert len(hook.told) == 2
    refused, taken = hook.told
    assert refused[1]["X-Tollbook-Id"] == taken[1]["X-Tollbook-Id"]
    assert "a check failed" in taken[2]["text"] and "is not tied" in taken[2]["text"]
    written = (file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert not any(SECRET.encode() in data for data in written)
