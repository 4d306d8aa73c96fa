"""A release of Tollbook that matched by another rule: its own checkout, in its own process."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
CODE: Final = ("ingestion", "orchestration", "dbt_project")
RULE: Final = (
    "case when not is_named and is_priced then contracted_cost_pico else quantity end as weight"
)
# A charge that names no meter was shared by tokens, whatever they cost.
OLDER_RULE: Final = "quantity as weight"
# `job close 2026-03` is what its schedule starts, else a command of `tollbook`.
PROGRAM: Final = """
import json, sys
from pathlib import Path
from click.testing import CliRunner
from ingestion.workspace.settings import load_workspace
from orchestration.command import tollbook
from orchestration.execution import execute_job

folder, commands = sys.argv[1], json.loads(sys.argv[2])
for kind, *arguments in commands:
    if kind == "job":
        job, month = arguments
        problems = execute_job(load_workspace(Path(folder)), job, partition_key=month).problems
        if problems:
            sys.exit(f"{job} {month}: {problems}")
    else:
        result = CliRunner().invoke(tollbook, ["--workspace", folder, kind, *arguments])
        if result.exception:
            sys.exit(f"{kind} {arguments}: {result.output}{result.exception}")
"""


def older_release(folder: Path) -> Path:
    """Its checkout below `folder`: this one's but for a rule of matching."""
    for name in CODE:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    model = folder / "dbt_project" / "models" / "matching" / "int_matches_unmeasured.sql"
    text = model.read_text()
    assert text.count(RULE) == 1
    model.write_text(text.replace(RULE, OLDER_RULE))
    return folder


def run_in(release: Path, workspace: Path, commands: Sequence[Sequence[str]]) -> None:
    """Its commands and jobs, one after another; the first that fails is an error here."""
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(workspace), json.dumps(commands)],
        cwd=release,
        env={**os.environ, "PYTHONPATH": str(release), "TOLLBOOK_WORKSPACE": ""},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
