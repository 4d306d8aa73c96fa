"""A reader, its fixture and its test to fill in, and the format's line in the registry.

`templates/` has a made-up format of each kind, which reads its fixture as its test says.
"""

import keyword
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingestion.known_errors import KnownError
from ingestion.workspace.formats import BILLS, GATEWAYS

TEMPLATES: Final = Path(__file__).parent / "templates"
REGISTRY: Final = Path("ingestion", "workspace", "formats.py")
TESTS: Final = Path("tests", "ingestion")
MADE_UP: Final = "made_up"  # what the templates call the format
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,29}")
ENTRY: Final = re.compile(r'^    "(\w+)": ', re.MULTILINE)
LONGEST: Final = 100  # characters of a line, as pyproject.toml has it


class NoNewSource(KnownError):
    """Why nothing was written."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`folder`: where its readers and their tests lie; `kind`: as docs/sources.md calls it."""

    template: str
    folder: str
    kind: str
    fixture: str
    entry: str
    options: str = ""

    @property
    def registry(self) -> str:
        return self.folder.upper()


LOG: Final = Kind("log", "gateways", "gateway", "calls.jsonl", "GatewayFormat")
TRACE: Final = Kind(
    "trace", "gateways", "trace", "spans.jsonl", "GatewayFormat", ', seen_from="application"'
)
BILL: Final = Kind("bill", "bills", "bill", "october.csv", "BillFormat", ', provider="made_up"')
SEATS: Final = Kind(
    *("seats", "bills", "report of seats", "october.csv", "BillFormat"),
    ", provider=None, of_seats=True",
)


@dataclass(frozen=True, slots=True)
class NewSource:
    kind: Kind
    written: tuple[Path, ...]
    line: str  # of the registry


def write_source(checkout: Path, name: str, like: str) -> NewSource:
    """Writes into a checkout of Tollbook, never over a file; raises NoNewSource."""
    _require_checkout(checkout)
    kind = _kind_of(like)
    _require_new(checkout, name, kind)
    files = _files(checkout, name, kind)
    entry = _entry(name, kind)
    registry = checkout / REGISTRY
    text = with_entry(registry.read_text(encoding="utf-8"), kind.registry, name, entry)
    for path, template in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = (TEMPLATES / template).read_text(encoding="utf-8").replace(MADE_UP, name)
        with path.open("x", encoding="utf-8") as file:
            file.write(made)
    registry.write_text(text, encoding="utf-8")
    return NewSource(kind, tuple(path.relative_to(checkout) for path in files), entry)


def with_entry(text: str, registry: str, name: str, entry: str) -> str:
    """The registry's module with the entry before the first one whose name is greater."""
    start = text.index(f"\n{registry}: Final = {{\n")
    end = text.index("\n}\n", start) + 1
    found = (each for each in ENTRY.finditer(text, start, end) if each[1] > name)
    place = next((each.start() for each in found), end)
    return f"{text[:place]}{entry}{text[place:]}"


def _require_checkout(folder: Path) -> None:
    wanted = (REGISTRY, TESTS / "gateways", TESTS / "bills", Path("docs", "sources.md"))
    if not all((folder / path).exists() for path in wanted):
        raise NoNewSource(
            f"{folder} is no checkout of Tollbook: a format is written where its tests are, so"
            " clone the repository, `make run` there and use its .venv/bin/tollbook"
        )


def _kind_of(like: str) -> Kind:
    if like in GATEWAYS:
        return TRACE if GATEWAYS[like].seen_from == "application" else LOG
    if like in BILLS:
        return SEATS if BILLS[like].of_seats else BILL
    raise NoNewSource(f"no format is called `{like}`: use one of {', '.join((*GATEWAYS, *BILLS))}")


def _require_new(checkout: Path, name: str, kind: Kind) -> None:
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise NoNewSource(
            f"`{name}` is no name of a format: use a small letter, then up to 29 small letters,"
            " digits and `_`, and no word of Python's"
        )
    module = checkout / "ingestion" / kind.folder / name
    fixtures = checkout / TESTS / kind.folder / "fixtures" / name
    known = BILLS if kind.folder == "bills" else GATEWAYS
    there = [path for path in (module, module.with_suffix(".py"), fixtures) if path.exists()]
    if name in known or there:
        raise NoNewSource(f"`{name}` is there already: {REGISTRY if name in known else there[0]}")


def _files(checkout: Path, name: str, kind: Kind) -> dict[Path, str]:
    """Path -> its template."""
    tests = checkout / TESTS
    # pytest knows a module by its name alone, and a gateway may be called like a bill
    is_free = not list((checkout / "tests").rglob(f"test_{name}.py"))
    test = f"test_{name}.py" if is_free else f"test_{name}_{kind.template}.py"
    suffix = Path(kind.fixture).suffix
    return {
        checkout / "ingestion" / kind.folder / f"{name}.py": f"{kind.template}_reader.py",
        tests / kind.folder / "fixtures" / name / kind.fixture: f"{kind.template}_fixture{suffix}",
        tests / kind.folder / test: f"{kind.template}_test.py.txt",
    }


def _entry(name: str, kind: Kind) -> str:
    """As ruff would write it."""
    said = f'"ingestion.{kind.folder}.{name}"{kind.options.replace(MADE_UP, name)}'
    line = f'    "{name}": {kind.entry}({said}),\n'
    if len(line.rstrip()) <= LONGEST:
        return line
    return f'    "{name}": {kind.entry}(\n        {said}\n    ),\n'
