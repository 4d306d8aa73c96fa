"""Jinja as pages use it: filters are of one statement, what a template compiles to of all."""

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from jinja2 import (
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    StrictUndefined,
    pass_context,
)
from jinja2.bccache import Bucket
from jinja2.runtime import Context

from orchestration.cents.owners import UNALLOCATED
from orchestration.exports.site.wording.names import (
    Names,
    cause_of,
    cut,
    marked_up,
    plain,
    provider_name,
)
from orchestration.exports.site.wording.numbers import Numbers
from orchestration.exports.site.wording.row_lines import RowLines
from orchestration.running.working_folder import installed_folder

TEMPLATES: Final = Path(__file__).parent / "templates"


class Compiled(FileSystemBytecodeCache):
    """Beside the packages, where this user may write there; found by a template's own text."""

    def __init__(self) -> None:
        folder = installed_folder("pages", version("jinja2"))
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        super().__init__(str(folder))
        self._seen: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._seen.get(bucket.checksum):
            bucket.bytecode_from_string(code)
            return
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._seen[bucket.checksum] = bucket.bytecode_to_string()
        with suppress(OSError):
            super().dump_bytecode(bucket)


@cache
def compiled() -> Compiled:
    """One for all pages of a process."""
    return Compiled()


def environment_of(numbers: Numbers, names: Names | None = None) -> Environment:
    names = names or Names({}, {})
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        bytecode_cache=compiled(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    lines = RowLines(names, numbers)
    environment.globals |= {
        "numbers": numbers,
        "nobody": UNALLOCATED,
        "row_lines": lines.written,
    }
    of_statement: dict[str, Callable[..., Any]] = {
        "money": numbers.money,
        "change": numbers.change,
        "count": numbers.count,
        "millions": numbers.millions,
        "exact": numbers.exact,
        "fine": numbers.fine,
        "month": numbers.month,
        "month_alone": numbers.month_alone,
        "day": numbers.day,
        "team": lambda team: marked_up(names.team(team)),
        "feature": lambda feature: marked_up(names.feature(feature)),
    }
    environment.filters |= {name: _asked(write) for name, write in of_statement.items()}
    environment.filters |= {
        "name": marked_up,
        "plain": plain,
        "cut": cut,
        "provider": provider_name,
        "cause": cause_of,
    }
    return environment


def _asked(write: Callable[..., Any]) -> Callable[..., Any]:
    """Each time a page is made: what it says of a constant is compiled into no template."""

    @pass_context
    def filtered(context: Context, *said: Any) -> Any:
        return write(*said)

    return filtered
