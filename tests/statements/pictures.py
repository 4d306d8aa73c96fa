"""`make pictures`: what the sample's pages look like, for README and docs, light and dark."""

import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

from orchestration.exports.site.printed import installed_browser
from tests.support.sample_run import REPOSITORY, run_sample

IMAGES: Final = REPOSITORY / "docs" / "images"
HEIGHT: Final = 1090


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = run_sample(Path(folder)) / "exports" / "2026-10" / "site"
        browser = playwright.chromium.launch(
            executable_path=installed_browser(), args=["--no-sandbox"]
        )
        for scheme in ("light", "dark"):
            page = browser.new_page(
                viewport={"width": 1280, "height": HEIGHT},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            page.goto((site / "company.html").as_uri())
            page.screenshot(path=IMAGES / f"statement-{scheme}.png")
        page.goto((site / "teams" / "talent-acquisition.html").as_uri())
        page.emulate_media(color_scheme="light")
        page.screenshot(path=IMAGES / "statement-team.png")
        browser.close()


if __name__ == "__main__":
    main()
