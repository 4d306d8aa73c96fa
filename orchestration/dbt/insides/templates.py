"""Code that Jinja makes of dbt's templates, kept from run to run: an eighth of a small one.

It is found by the text that it is made of, so that another release takes what it has in common.
"""

import hashlib
import importlib.util
import marshal
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import CodeType
from typing import Any, Final
from unittest.mock import patch

# So many of one file; with more only those that were asked for last are kept.
MOST: Final = 4_000


@contextmanager
def kept_templates(folder: Path) -> Iterator[None]:
    """`folder` belongs to the user alone: what is kept there is executed."""
    from dbt_common.clients.jinja import MacroFuzzEnvironment

    file = folder / _name()
    kept, asked = _read(file), dict[bytes, CodeType]()
    make = MacroFuzzEnvironment.compile

    def compiled(environment: Any, source: Any, *args: Any, **options: Any) -> Any:
        if args or options or not isinstance(source, str):
            return make(environment, source, *args, **options)
        text = f"{type(environment).__name__} {source}".encode()
        key = hashlib.blake2b(text, digest_size=16).digest()
        code = asked.get(key) or kept.get(key) or make(environment, source)
        asked[key] = code
        return code

    with patch.object(MacroFuzzEnvironment, "compile", compiled):
        yield
    if asked.keys() - kept.keys():
        both = {**kept, **asked}
        _write(file, both if len(both) <= MOST else asked)


def _name() -> str:
    """Another one where the same text makes other code."""
    makers = [importlib.util.MAGIC_NUMBER.hex(), version("jinja2"), version("dbt-common")]
    return f"{'-'.join(makers)}.marshal"


def _read(file: Path) -> dict[bytes, CodeType]:
    try:
        kept: dict[bytes, CodeType] = marshal.loads(file.read_bytes())
    except (OSError, EOFError, ValueError, TypeError):
        return {}
    return kept


def _write(file: Path, templates: dict[bytes, CodeType]) -> None:
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    temporary.write_bytes(marshal.dumps(templates))
    temporary.replace(file)
