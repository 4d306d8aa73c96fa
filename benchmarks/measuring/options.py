"""Options that several benchmarks have."""

from pathlib import Path

import click

from benchmarks.measuring.page import PAGE

write = click.option("--write", is_flag=True, help="keep the numbers in docs/performance.md")


def page_of(write: bool) -> Path | None:
    return PAGE if write else None


def say(text: str) -> None:
    click.echo(text, err=True)
