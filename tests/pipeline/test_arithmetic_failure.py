"""A check of the arithmetic that fails publishes nothing: the marts of the last good run stay."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from compiled_project import CompiledProject
from workspace_runs import run

from ingestion.workspace.settings import Workspace
from orchestration.checks.month_status import month_statuses
from tests.scenarios.companies import OwnCompany

pytestmark = pytest.mark.whole


def test_a_second_bill_of_one_account_is_refused_unless_it_is_a_control(
    small: Path, compiled: Callable[[Workspace], CompiledProject], tmp_path: Path
) -> None:
    folder = tmp_path / "company"
    shutil.copytree(small, folder)
    before = hashlib.sha256((folder / "marts.duckdb").read_bytes()).hexdigest()
    settings = (folder / "tollbook.yaml").read_text()
    line = next(line for line in settings.splitlines() if "name: openai" in line)
    doubled = line.replace("name: openai", "name: openai_again")
    (folder / "tollbook.yaml").write_text(settings.replace(line, f"{line}\n{doubled}"))
    outcome = run(folder)
    assert outcome.status == 1
    assert "role: control" in outcome.output
    assert hashlib.sha256((folder / "marts.duckdb").read_bytes()).hexdigest() == before

    control = doubled.replace("}", ", role: control}")
    (folder / "tollbook.yaml").write_text(settings.replace(line, f"{line}\n{control}"))
    company = OwnCompany(compiled, folder)
    assert set(month_statuses(company.connection).values()) == {"billed"}
