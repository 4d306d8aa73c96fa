"""What `make lint` asks of compiled SQL, asked of what the tests have compiled anyway."""

import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.pipeline.compiled_project import CompiledProject

REPOSITORY: Final = Path(__file__).parents[2]


def linted(sql: Path) -> "subprocess.CompletedProcess[str]":
    """By the rules of the repository, which it would look for beside the SQL."""
    sqruff = Path(sys.executable).with_name("sqruff")
    return subprocess.run(
        [sqruff, "--config", REPOSITORY / ".sqruff", "lint", "--quiet", sql],
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_model_is_as_the_linter_wants_it(project: CompiledProject) -> None:
    assert len(list(project.sql_of_models.rglob("*.sql"))) == len(project.models) > 100
    ended = linted(project.sql_of_models)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_what_is_not_is_told(tmp_path: Path) -> None:
    (tmp_path / "shouted.sql").write_text("SELECT a.b as c from a\n")
    ended = linted(tmp_path)
    assert ended.returncode != 0 and "CP01" in ended.stdout + ended.stderr
