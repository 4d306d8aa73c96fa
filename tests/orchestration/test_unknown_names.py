"""Which names count as known: literal, glob, other spelling, of the right source."""

from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.globs import glob_pattern
from ingestion.reference.files import Reference, read_reference
from orchestration.onboarding.scan import SeenName
from orchestration.onboarding.unknown_names import unknown_names
from tests.orchestration.small_warehouse import write_workspace


@pytest.fixture
def reference(tmp_path: Path) -> Reference:
    workspace = write_workspace(tmp_path)
    folder = tmp_path / "reference"
    folder.mkdir()
    (folder / "credentials.csv").write_text("source,credential_id,team_id\nprod,hr-*,hr\n")
    (folder / "teams.csv").write_text("team_id,team_name\nhr,People\n")
    (folder / "aliases.csv").write_text("dimension,raw,value\nteam,HR Dept,hr\n")
    return read_reference(workspace)


def seen(kind: str, source: str, *names: str) -> SeenName:
    return SeenName(kind, source, names, 1, Decimal(1))


def test_a_name_is_known_by_any_of_its_spellings(reference: Reference) -> None:
    known = [
        seen("credential", "prod", "88dc28", "hr-bot"),
        seen("team", "prod", "hr"),
        seen("team", "prod", "HR Dept"),
        # without regard to case, and by their name, as a run folds them
        seen("team", "prod", "Hr"),
        seen("team", "prod", "uuid-1", "PEOPLE"),
    ]
    unknown = [
        seen("credential", "other", "hr-bot"),
        seen("credential", "prod", "88dc28"),
        seen("team", "prod", "sales"),
        seen("customer", "", "acme"),
    ]
    assert unknown_names([*known, *unknown], reference) == unknown


def test_a_glob_has_one_wildcard_and_no_other() -> None:
    assert glob_pattern("a*[x]?").fullmatch("a--[x]?")
    assert not glob_pattern("a*[x]?").fullmatch("a--[x]1")
    assert not glob_pattern("a*[x]?").fullmatch("a--x?")
    assert not glob_pattern("hr").fullmatch("hr-1")
