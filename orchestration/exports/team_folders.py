"""A folder for each team with its lines of a month's files, and under which name."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote

from orchestration.exports.tables import CALENDAR, Cell, ExportTable

FOLDER: Final = "teams"
TEAM: Final = "team"
LINE_KIND: Final = "line_kind"
LONGEST: Final = 100
DIGITS: Final = 12
# Windows opens devices under these names, with whatever ending.
_DEVICE: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
_UNSAFE: Final = re.compile(r"[^\w.-]|^\.|\.$")


def tables_by_team(tables: Mapping[str, ExportTable]) -> dict[str, dict[str, ExportTable]]:
    """Team -> file -> its lines of it, without totals of others; in the order of the teams.

    The line that leads to the billing month is of no team, nor the vendor's payable.
    """
    found: dict[str, dict[str, ExportTable]] = {}
    for name, table in tables.items():
        place = {column: number for number, column in enumerate(table.columns)}
        for row in table.rows:
            team = row[place[TEAM]]
            kind = row[place[LINE_KIND]] if LINE_KIND in place else None
            if isinstance(team, str) and kind != CALENDAR:
                no_rows: list[list[Cell]] = []
                own = found.setdefault(team, {})
                own.setdefault(name, ExportTable(table.columns, no_rows)).rows.append(row)
    return dict(sorted(found.items()))


def folder_names(teams: Iterable[str]) -> dict[str, str]:
    """Team -> folder. Names that some file system takes for one end with their hash."""
    names = {team: folder_name(team) for team in teams}
    alike = Counter(map(_as_seen, names.values()))
    return {
        team: name if alike[_as_seen(name)] == 1 else _with_hash(team, name)
        for team, name in names.items()
    }


def folder_name(team: str) -> str:
    """The team's id where it is a file name everywhere; else unsafe letters are `%2F`-encoded, and
    a long one is cut and ends with its hash.
    """
    name = _UNSAFE.sub(lambda found: _encoded(found[0]), team)
    if _DEVICE.match(name):
        name = _encoded(name[0]) + name[1:]
    return name if len(name.encode()) <= LONGEST else _with_hash(team, name)


def _with_hash(team: str, name: str) -> str:
    digest = hashlib.sha256(team.encode()).hexdigest()[:DIGITS]
    return f"{name.encode()[: LONGEST - DIGITS - 1].decode(errors='ignore')}-{digest}"


def _as_seen(name: str) -> str:
    """Neither case nor how an accent is composed tells files apart everywhere."""
    return unicodedata.normalize("NFC", name).casefold()


def _encoded(letter: str) -> str:
    """Also of letters that need no encoding in an address."""
    return quote(letter, safe="") if quote(letter, safe="") != letter else f"%{ord(letter):02X}"
