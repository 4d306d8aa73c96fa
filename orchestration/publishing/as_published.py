"""Whether the published file is as its last publish left it: then what that wrote into it holds."""

from typing import Final

from ingestion.workspace.settings import Workspace
from orchestration.running.last_run import database_fingerprint
from orchestration.running.working_folder import working_folder

FILE: Final = "published"


def note_published(workspace: Workspace) -> None:
    """Right after a publish; without the note, or with that of an older file, all is read anew."""
    note = working_folder(workspace) / FILE
    temporary = note.with_suffix(".tmp")
    temporary.write_text(database_fingerprint(workspace.marts))
    temporary.replace(note)


def is_as_published(workspace: Workspace) -> bool:
    """False where anybody wrote, replaced or moved the file since."""
    try:
        noted = (working_folder(workspace) / FILE).read_text()
    except (OSError, UnicodeDecodeError):
        return False
    return workspace.marts.is_file() and noted == database_fingerprint(workspace.marts)
