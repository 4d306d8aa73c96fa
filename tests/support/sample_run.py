"""The sample as it is committed, run once for all who read it."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.once import made_once

REPOSITORY: Final = Path(__file__).parents[2]
KEPT: Final = ("tollbook.yaml", "logs", "bills", "reference")


def run_sample(shared_folder: Path) -> Path:
    """Its folder after a run; `printed` in it is what the run printed. Copy it before a change."""
    folder = shared_folder / "docs-sample"
    with made_once(folder) as missing:
        if missing:
            _run(folder)
    return folder


def _run(folder: Path) -> None:
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
