"""The browser that the system has: none is downloaded."""

import shutil
from typing import Final

CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")


def system_chromium() -> str | None:
    return next((path for path in map(shutil.which, CHROMIUM) if path), None)
