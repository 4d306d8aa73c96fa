"""A page in a browser: what it says, what it asked for, what went wrong."""

from pathlib import Path

from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page

ROWS = "(table) => [...table.rows].map(row => [...row.cells].map(cell => cell.innerText.trim()))"

WIDER = """(rooms) => rooms.filter(room => room.scrollWidth > room.clientWidth)
    .map(room => room.getAttribute("aria-label"))"""

# Nothing but what is wrong is told in full and leaves the browser: half of what axe takes.
BARRIERS = """async () => (await axe.run({resultTypes: ["violations"]})).violations
    .filter(each => ["serious", "critical"].includes(each.impact)).map(each => each.id)"""


class OpenedPage:
    def __init__(self, page: Page, file: Path) -> None:
        self.page = page
        self.told: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.told.append(message.text))
        page.on("pageerror", lambda error: self.told.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(file.as_uri())

    def table(self, heading: str) -> list[list[str]]:
        """The first table below the heading that begins so."""
        section = self.page.locator("section", has=self.page.locator("h2", has_text=heading))
        found: list[list[str]] = section.locator("table").first.evaluate(ROWS)
        return found

    def scrolling(self) -> list[str]:
        """Names of the tables that are wider than their room."""
        found: list[str] = self.page.locator(".scroll").evaluate_all(WIDER)
        return found

    def barriers(self) -> list[str]:
        """Rules that axe finds broken, the serious and critical ones."""
        self.page.evaluate(Axe().axe_script)
        found: list[str] = self.page.evaluate(BARRIERS)
        return found

    def text(self, selector: str) -> str:
        return self.page.locator(selector).first.inner_text()


def cents(text: str) -> int:
    """Of a cell of money; an en dash is nothing."""
    if text in ("", "\u2013"):
        return 0
    return round(float(text.replace("\u2212", "-").replace("+", "").replace(",", "")) * 100)
