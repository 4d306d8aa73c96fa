"""Names and texts as SQL writes them."""

from pathlib import Path


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def text(value: str | Path) -> str:
    return "'" + str(value).replace("'", "''") + "'"
