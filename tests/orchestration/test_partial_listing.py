"""A sensor lists a bucket's newest keys; whoever lists in whole finds a late key before them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import dagster as dg
import pytest

from ingestion.landing.landing import open_landing
from ingestion.landing.loading import load_gateway
from ingestion.workspace.settings import Workspace, load_workspace
from orchestration.jobs import new_objects_sensor, schedules
from orchestration.running import listings
from orchestration.running.last_run import note_last_run
from orchestration.running.listings import listing
from orchestration.running.source_states import REFERENCE_STATE, SourceState, write_state
from tests.ingestion.conftest import bucket, s3_endpoint

__all__ = ["bucket", "s3_endpoint"]

LINE = (
    '{"request_id": "%s", "timestamp": "2026-09-%sT12:00:00Z", "model_name": "gpt-4o",'
    ' "input_token_count": 10, "output_token_count": 5}\n'
)
TODAY = datetime.now(UTC).date()


def put(bucket: str, day: str, name: str) -> None:
    body = LINE % (name, day)
    key = f"logs/2026-09-{day}/{name}.jsonl"
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=body.encode())


@pytest.fixture
def workspace(bucket: str, tmp_path: Path) -> Workspace:
    (tmp_path / "tollbook.yaml").write_text(
        "company: Acme\ngateways:\n"
        f"  - {{name: prod, format: generic, location: 's3://{bucket}/logs'}}\n"
    )
    put(bucket, "05", "a")
    put(bucket, "07", "b")
    return load_workspace(tmp_path)


def noted(workspace: Workspace) -> None:
    """What a run that read all there is writes down."""
    [gateway] = workspace.gateways
    seen = listing(workspace, gateway.location)
    state = SourceState("prod", "ok", seen=seen.digest, after=seen.after, recent=seen.recent)
    write_state(workspace, state)
    reference = listing(workspace, workspace.reference).digest
    write_state(workspace, SourceState(REFERENCE_STATE, "ok", seen=reference))
    note_last_run(workspace)


def tick(workspace: Workspace, looked: str) -> tuple[int, str | None]:
    """Runs that the sensor asks for after it listed in whole on a day, and its next cursor."""
    sensor = new_objects_sensor(workspace)
    with dg.DagsterInstance.ephemeral() as instance:
        data = sensor.evaluate_tick(dg.build_sensor_context(instance, cursor=looked))
    return len(data.run_requests or []), data.cursor


def nightly(workspace: Workspace) -> int:
    schedule, _ = schedules(workspace)
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(instance, scheduled_execution_time=datetime.now(UTC))
        return len(schedule.evaluate_tick(context).run_requests or [])


def test_a_late_key_before_the_last_one_is_found_by_whole_listings(
    workspace: Workspace, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # as days later: nothing that is there is recent any more
    monkeypatch.setattr(listings, "RECENT", timedelta(days=-1))
    landing = open_landing(workspace.landing)
    [gateway] = workspace.gateways
    assert load_gateway(gateway, landing).landed == 2
    noted(workspace)
    assert tick(workspace, str(TODAY)) == (0, str(TODAY))

    put(bucket, "06", "late")
    assert tick(workspace, str(TODAY)) == (0, str(TODAY))
    assert nightly(workspace) == 1
    assert tick(workspace, str(TODAY - timedelta(days=1))) == (1, str(TODAY))
    result = load_gateway(gateway, landing)
    assert (result.objects_seen, result.objects_new, result.landed) == (3, 1, 1)
    noted(workspace)
    assert nightly(workspace) == 0

    put(bucket, "08", "c")
    assert tick(workspace, str(TODAY)) == (1, str(TODAY))


def test_what_comes_goes_or_changes_behind_the_first_recent_key_is_seen(
    workspace: Workspace, bucket: str
) -> None:
    noted(workspace)
    assert tick(workspace, str(TODAY)) == (0, str(TODAY))
    put(bucket, "06", "late")
    assert tick(workspace, str(TODAY)) == (1, str(TODAY))
    noted(workspace)
    put(bucket, "07", "changed")
    boto3.client("s3").delete_object(Bucket=bucket, Key="logs/2026-09-07/b.jsonl")
    assert tick(workspace, str(TODAY)) == (1, str(TODAY))


def test_a_listing_is_told_from_its_first_recent_object(
    workspace: Workspace, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [gateway] = workspace.gateways
    recent = listing(workspace, gateway.location)
    assert (recent.after, recent.recent) == ("", recent.digest)
    monkeypatch.setattr(listings, "RECENT", timedelta(days=-1))
    old = listing(workspace, gateway.location)
    assert (old.after, old.digest) == ("2026-09-07/b.jsonl", recent.digest)
    assert listings.recent_fingerprint(gateway.location, old.after) == old.recent
    assert listings.recent_fingerprint(gateway.location, "") == recent.digest
