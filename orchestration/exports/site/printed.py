"""Teams' pages as PDF, by the browser that a machine has: through their print style."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from ingestion.known_errors import KnownError
from ingestion.storage.objects import Storage, open_storage
from ingestion.workspace.settings import Workspace
from orchestration.exports.site.pages import FOLDER, TEAMS

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS: Final = 120
QUIET: Final = (
    *("--headless", "--disable-gpu", "--disable-extensions", "--disable-background-networking"),
    *("--no-first-run", "--no-pdf-header-footer", "--host-resolver-rules=MAP * ~NOTFOUND"),
)


class NoBrowserError(KnownError):
    pass


def installed_browser() -> str | None:
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


def browser_to_print() -> str:
    """Raises NoBrowserError where the machine has none."""
    if (found := installed_browser()) is None:
        raise NoBrowserError(
            f"no browser to print with: install one of {', '.join(BROWSERS)}, or print the pages"
            " of `site` in the browser at hand"
        )
    return found


def print_pages(workspace: Workspace, month: str, target: Path, browser: str) -> list[Path]:
    """Each team's, as `target`/<team>.pdf. Exports stay as they are."""
    site = open_storage(workspace.exports).child(f"{month}/{FOLDER}")
    names = sorted(
        info.name for info in site.list(may_be_missing=True) if info.name.startswith(f"{TEAMS}/")
    )
    if not names:
        raise KnownError(
            f"{month} has no pages of teams: it is not exported, or closed before there were any"
        )
    with tempfile.TemporaryDirectory() as folder:
        return [_printed(site, name, target, browser, Path(folder)) for name in names]


def _printed(site: Storage, name: str, target: Path, browser: str, passing: Path) -> Path:
    page = passing / "page.html"
    page.write_bytes(site.get(name).data)
    file = target.absolute() / f"{Path(name).name.removesuffix('.html')}.pdf"
    file.parent.mkdir(parents=True, exist_ok=True)
    # a browser that root starts has no sandbox
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    profile = f"--user-data-dir={passing / 'profile'}"
    made = passing / "page.pdf"
    made.unlink(missing_ok=True)
    command = [browser, *QUIET, *as_root, profile, f"--print-to-pdf={made}", page.as_uri()]
    try:
        ended = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
        told = ended.stderr.decode(errors="replace").strip().splitlines()[-1:]
    except subprocess.TimeoutExpired:
        told = [f"no answer in {SECONDS} seconds"]
    if not made.is_file():
        raise KnownError(f"{name} could not be printed by {browser}: {' '.join(told)}")
    shutil.move(made, file)
    return file
