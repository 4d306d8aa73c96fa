"""The short form of `make fuzz`: the same rounds from a seed that stays."""

from pathlib import Path

import pytest

from tests.fuzz.fuzzing import PLANTED, fuzz
from tests.fuzz.mutations import OWN_SECRET, PROMPT, SECRET


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.whole)])
def test_no_mutated_file_gets_through(tmp_path: Path, seed: int) -> None:
    found = fuzz(tmp_path, seconds=4, seed=seed)
    assert found.escapes == []
    assert found.files >= 24
    assert 0 < found.quarantined < found.records


def test_a_leak_and_an_escape_would_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fuzzer itself: what lands in clear is found, and so is what raises."""
    assert all(part in PROMPT + SECRET + OWN_SECRET for part in PLANTED)
    monkeypatch.setattr("ingestion.reading.landed_text.without_secrets", lambda text: text)
    monkeypatch.setattr("ingestion.reading.landed_text.bounded_name", lambda column, text: text)
    leaking = fuzz(tmp_path / "leaking", seconds=120, seed=1)  # until the first leak
    assert any("PLANTED" in escape for escape in leaking.escapes)

    def fail(*_: object) -> None:
        raise OSError("broken")

    monkeypatch.setattr("ingestion.reading.collecting.bounded", fail)
    assert any("OSError" in escape for escape in fuzz(tmp_path / "broken", 1, 1).escapes)
