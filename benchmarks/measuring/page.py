"""docs/performance.md: each benchmark writes what it measured between its own two markers, and
what people wrote around them stays.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import click

from benchmarks.measuring.machine import machine

PAGE: Final = Path(__file__).parents[2] / "docs" / "performance.md"


class NoPlaceError(ValueError):
    """A page without the markers of a benchmark."""


def report(name: str, command: str, lines: Iterable[str], *, page: Path | None) -> str:
    """What is printed and, with a page, kept: the numbers, then command and machine."""
    text = "\n".join([*lines, "", f"`{command}`, {machine()}."])
    click.echo(text)
    if page:
        page.write_text(replaced(page.read_text(), name, text))
    return text


def replaced(page: str, name: str, text: str) -> str:
    """The page with `text` where the benchmark's numbers stand."""
    begin, end = markers(name)
    place = re.compile(f"{re.escape(begin)}\n.*?{re.escape(end)}", re.DOTALL)
    if len(place.findall(page)) != 1:
        raise NoPlaceError(f"the page has not once the lines {begin} … {end}")
    return place.sub(lambda _: f"{begin}\n{text}\n{end}", page)


def markers(name: str) -> tuple[str, str]:
    return f"<!-- made by python -m benchmarks.{name} --write -->", f"<!-- end of {name} -->"
