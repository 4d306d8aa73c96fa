"""The sample's pages, and a real browser that opens them from disk."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from orchestration.exports.site.printed import installed_browser
from tests.statements.opened_page import OpenedPage
from tests.support.sample_run import run_sample

Open = Callable[..., OpenedPage]


@pytest.fixture(scope="session")
def sample(shared_folder: Path) -> Path:
    return run_sample(shared_folder)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = installed_browser()
    if found is None:
        if os.environ.get("TOLLBOOK_TEST_ALL"):
            pytest.fail("chromium is missing: apt-get install chromium")
        pytest.skip("chromium is missing: no page is opened")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """opened(file, width=…, dark=…) -> the page, after which nothing may be on its console."""
    pages: list[Page] = []

    def open_page(file: Path, width: int = 1280, *, dark: bool = False) -> OpenedPage:
        page = browser.new_page(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
        )
        # a busy machine takes its time
        page.set_default_timeout(120_000)
        pages.append(page)
        return OpenedPage(page, file)

    yield open_page
    for page in pages:
        page.close()
