"""More requests than are in hand at once: a run in passes leaves what a run in one leaves."""

from pathlib import Path

import pytest
from workspace_runs import run
from workspaces import assert_same_tables, contents, copy_sources, exported

# The company has 500 requests in 18 days, so that a day has some thirty.
IN_HAND = 120


# in short: tests/orchestration/test_passes.py
@pytest.mark.whole
def test_a_first_run_in_passes_is_a_run(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.dbt.assets.REQUESTS_IN_HAND", IN_HAND)
    folder = tmp_path / "company"
    copy_sources(small, folder)
    outcome = run(folder)
    assert outcome.status == 0, outcome.output
    assert "more requests than are in hand at once" in outcome.output
    assert_same_tables(contents(folder), contents(small))
    assert exported(folder) == exported(small)
