"""What a run warned of, step by step: `.tollbook/warnings/<step>.json`.

A run that finds nothing new tells it again.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from ingestion.workspace.settings import Workspace
from orchestration.running.source_states import REFERENCE_STATE, sources_of
from orchestration.running.working_folder import WORKING, working_folder

FOLDER: Final = "warnings"
RECENT: Final = "_recent"
PRICES: Final = "_prices"
CONTROLS: Final = "_controls"


def keep_warnings(workspace: Workspace, step: str, sentences: Sequence[str]) -> None:
    """In place of those of the step's last run."""
    target = working_folder(workspace, FOLDER) / f"{step}.json"
    temporary = target.with_suffix(".tmp")
    temporary.write_bytes(msgspec.json.encode(sentences))
    temporary.replace(target)


def kept_warnings(workspace: Workspace) -> list[str]:
    """Of the last run, in the order of its steps."""
    folder = workspace.file.parent / WORKING / FOLDER
    sources = [source.name for source in sources_of(workspace)]
    steps = [*sources, REFERENCE_STATE, RECENT, PRICES, CONTROLS]
    return [sentence for step in steps for sentence in _read(folder / f"{step}.json")]


def _read(file: Path) -> list[str]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=list[str])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return []
