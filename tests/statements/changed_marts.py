"""The sample's marts, changed, and the pages of them."""

import shutil
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Final

import duckdb

from orchestration.exports.site.pages import site_files

MONTH: Final = date(2026, 10, 1)


def pages_of(
    sample: Path,
    folder: Path,
    changes: Iterable[str],
    teams: Mapping[str, str],
    currency: str = "USD",
    status: str = "billed",
) -> Path:
    """Their folder. `changes`: SQL on a copy of the marts."""
    marts = folder / "marts.duckdb"
    shutil.copyfile(sample / "marts.duckdb", marts)
    marts.chmod(0o644)
    with duckdb.connect(marts) as connection:
        for change in changes:
            connection.execute(change)
        made = site_files(connection, MONTH, status, currency, teams)
    for name, data in made.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder / "site"
