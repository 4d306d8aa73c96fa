"""docs/dbt.md as it is typed: dbt by hand works on a copy, and leaves the workspace alone."""

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from ingestion.workspace.settings import WorkspaceError, load_workspace
from orchestration.dbt.by_hand import copy_for_dbt
from orchestration.running.working_folder import REPOSITORY

pytestmark = pytest.mark.whole

TYPED = re.compile(r"```bash\n(.*?)```", re.DOTALL)


def test_the_lines_of_the_page_build_a_copy(small: Path, tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "dbt_project").symlink_to(REPOSITORY / "dbt_project")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sample").symlink_to(small)
    before = (small / "warehouse.duckdb").read_bytes()
    lines = TYPED.findall((REPOSITORY / "docs" / "dbt.md").read_text())[0]
    environment = {name: value for name, value in os.environ.items() if "TOLLBOOK" not in name}
    ended = subprocess.run(
        ["bash", "-euc", lines],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "tollbook.marts.finance.mart_showback_monthly" in ended.stdout
    assert "ERROR=0" in ended.stdout
    assert (small / "warehouse.duckdb").read_bytes() == before
    question = "select * from main.mart_showback_monthly order by all"
    with duckdb.connect(small / "warehouse.duckdb", read_only=True) as connection:
        wanted = connection.execute(question).fetchall()
    with duckdb.connect(tmp_path / "by_hand" / "warehouse.duckdb", read_only=True) as connection:
        assert wanted
        assert connection.execute(question).fetchall() == wanted


def test_a_workspace_that_was_never_run_is_told(tmp_path: Path) -> None:
    (tmp_path / "tollbook.yaml").write_text(
        "company: N\ngateways: [{name: log, format: generic, location: logs}]\n"
    )
    with pytest.raises(WorkspaceError, match="cannot be copied"):
        copy_for_dbt(load_workspace(tmp_path), tmp_path / "by_hand")
