"""When a price map was first seen: kept in the landing, local or on S3."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingestion.prices.litellm_map_snapshots import snapshots
from ingestion.records import SourceError
from ingestion.reference.files import ReferenceError, read_reference
from ingestion.storage.objects import open_storage
from ingestion.workspace.settings import Workspace, load_workspace

MAP = (Path(__file__).parent / "fixtures" / "litellm_prices.json").read_bytes()
CHANGED = MAP.replace(b"2.5e-06", b"2.4e-06")
FIRST = datetime(2026, 10, 3, 8, 15, 2, 7, tzinfo=UTC)
DATED = datetime(2026, 9, 1, tzinfo=UTC)
LATER = timedelta(days=1)
NAME = "litellm_prices.json"
DATED_NAME = "litellm_prices_2026-09-01.json"


@pytest.fixture(params=["local", "s3"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Workspace:
    places = ""
    if request.param == "s3":
        bucket = request.getfixturevalue("bucket")
        places = f"reference: s3://{bucket}/reference\nlanding: s3://{bucket}/landing\n"
    file = tmp_path / "tollbook.yaml"
    file.write_text(
        f"company: Acme\n{places}gateways:\n  - {{name: g, format: generic, location: logs}}\n"
    )
    return load_workspace(file)


def put(workspace: Workspace, name: str, data: bytes) -> None:
    open_storage(workspace.reference).put(name, data)


def seen(
    workspace: Workspace, now: datetime, *, store: bool = True
) -> list[tuple[datetime, bytes]]:
    return [(found.holds_from, found.data) for found in snapshots(workspace, store=store, now=now)]


def landed(workspace: Workspace) -> list[str]:
    copies = open_storage(workspace.landing).child("price_maps")
    return [info.name for info in copies.list(may_be_missing=True)]


def test_a_content_holds_from_the_run_that_first_saw_it(workspace: Workspace) -> None:
    assert seen(workspace, FIRST) == []
    put(workspace, NAME, MAP)
    assert seen(workspace, FIRST) == [(FIRST, MAP)]
    assert seen(workspace, FIRST + LATER) == [(FIRST, MAP)]
    [name] = landed(workspace)
    assert name.startswith("20261003T081502000007Z-") and name.endswith(".json.zst")
    put(workspace, NAME, CHANGED)
    now = FIRST + LATER
    assert seen(workspace, now) == [(FIRST, MAP), (now, CHANGED)]
    put(workspace, NAME, MAP)  # and back
    back = now + LATER
    assert seen(workspace, back) == [(FIRST, MAP), (now, CHANGED), (back, MAP)]
    assert len(landed(workspace)) == 3


def test_the_landed_copy_counts_when_the_file_is_gone(workspace: Workspace) -> None:
    put(workspace, NAME, MAP)
    seen(workspace, FIRST)
    open_storage(workspace.reference).delete(NAME)
    assert seen(workspace, FIRST + LATER) == [(FIRST, MAP)]


def test_a_date_in_the_name_is_when_it_holds_from(workspace: Workspace) -> None:
    put(workspace, DATED_NAME, MAP)
    put(workspace, NAME, CHANGED)
    assert sorted(seen(workspace, FIRST)) == [(DATED, MAP), (FIRST, CHANGED)]
    # corrected: of one date the content that was seen last stands, here last
    put(workspace, DATED_NAME, CHANGED)
    now = FIRST + LATER
    assert seen(workspace, now)[-1] == (DATED, CHANGED)
    assert sorted(seen(workspace, now + LATER)) == sorted(seen(workspace, now))
    assert len(landed(workspace)) == 3


def test_a_dry_run_keeps_nothing(workspace: Workspace) -> None:
    put(workspace, NAME, MAP)
    assert seen(workspace, FIRST, store=False) == [(FIRST, MAP)]
    assert landed(workspace) == []
    assert seen(workspace, FIRST + LATER) == [(FIRST + LATER, MAP)]


def test_what_is_wrong_is_told_with_all_other_problems(workspace: Workspace) -> None:
    put(workspace, NAME, b"<html>404</html>")
    put(workspace, "litellm_prices_yesterday.json", MAP)
    put(workspace, "litellm_prices_2026-10-01.json", b"[1]")
    put(workspace, "teams.csv", b"team_id,colour\n")
    with pytest.raises(ReferenceError) as error:
        read_reference(workspace)
    problems = sorted(line.split("/")[-1].split(" ")[0] for line in str(error.value).splitlines())
    assert problems == [
        "litellm_prices.json:",
        "litellm_prices_2026-10-01.json:",
        "litellm_prices_yesterday.json:",
        "teams.csv:1:",
    ]
    assert seen(workspace, FIRST) == []


def test_entries_that_are_skipped_are_counted_in_a_warning(workspace: Workspace) -> None:
    put(workspace, NAME, MAP)
    [warning] = read_reference(workspace).warnings
    assert warning.startswith(f"{NAME}: 3 entries cannot be read and are skipped: acme-words: ")
    told = "1 price is left out because entries of one model disagree, like gemini-2.5-flash of"
    assert warning.endswith(f"; {told} google, output")


def test_prices_that_entries_disagree_on_are_counted_in_the_warning(workspace: Workspace) -> None:
    flash = {"litellm_provider": "gemini", "input_cost_per_token": 1e-6}
    vertex = {"litellm_provider": "vertex_ai-language-models", "input_cost_per_token": 2e-6}
    data = {"gemini/gemini-2.5-flash": flash, "gemini-2.5-flash": vertex}
    put(workspace, NAME, json.dumps(data).encode())
    assert list(read_reference(workspace).warnings) == [
        f"{NAME}: 1 price is left out because entries of one model disagree, like gemini-2.5-flash"
        " of google, input"
    ]


def test_a_changed_copy_is_told(workspace: Workspace) -> None:
    put(workspace, NAME, MAP)
    seen(workspace, FIRST)
    copies = open_storage(workspace.landing).child("price_maps")
    copies.put(landed(workspace)[0], b"no zstd")
    with pytest.raises(SourceError, match="restore the copy"):
        seen(workspace, FIRST)
