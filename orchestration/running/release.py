"""Tollbook itself, as a hash of what decides a run of it."""

import hashlib
import re
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Final

from orchestration.running.working_folder import REPOSITORY

# Compiled Python and what lies beside these does not decide.
CODE: Final = ("ingestion", "orchestration", "dbt_project")
ENDINGS: Final = frozenset((".py", ".sql", ".yml", ".json", ".csv"))


def release() -> str:
    return hashlib.sha256("\n".join(_facts()).encode()).hexdigest()


def _facts() -> Iterable[str]:
    """The texts of Tollbook and the versions of what it stands on."""
    for folder in CODE:
        for file in sorted((REPOSITORY / folder).rglob("*")):
            if file.suffix in ENDINGS:
                yield f"{file.relative_to(REPOSITORY)} {_sha256(file)}"
    for requirement in metadata.requires("tollbook") or ():
        name = re.split(r"[^A-Za-z0-9_.-]", requirement, maxsplit=1)[0]
        try:
            yield f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            yield f"{name} absent"


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
