"""The sample as it is committed, run once for all pages."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.once import made_once

REPOSITORY: Final = Path(__file__).parents[2]
KEPT: Final = ("tollbook.yaml", "logs", "bills", "reference")


@pytest.fixture(scope="session")
def sample(shared_folder: Path) -> Path:
    """Its folder after a run; `printed` in it is what the run printed."""
    folder = shared_folder / "docs-sample"
    with made_once(folder) as missing:
        if missing:
            _run_sample(folder)
    return folder


def _run_sample(folder: Path) -> None:
    folder.mkdir()
    for source in (REPOSITORY / "data" / "sample" / name for name in KEPT):
        if source.is_dir():
            shutil.copytree(source, folder / source.name)
        else:
            shutil.copyfile(source, folder / source.name)
    command = [Path(sys.executable).with_name("tollbook"), "--workspace", folder, "run"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=False)
    assert ended.returncode == 0, ended.stderr
    (folder / "printed").write_text(ended.stdout.replace(str(folder), "data/sample"))


@pytest.fixture(scope="session")
def refresh() -> bool:
    """`make docs`: what is made is written, and not compared."""
    return os.environ.get("TOLLBOOK_REFRESH_DOCS") == "1"
