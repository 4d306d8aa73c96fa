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


def make_templates(manifest: Any, folder: Path) -> None:
    """Keeps what a build of all that was parsed will ask for."""
    from dbt_common.clients.jinja import get_template

    with kept_templates(folder):
        for node in manifest.nodes.values():
            get_template(node.raw_code, {}, node)
        for macro in manifest.macros.values():
            get_template(macro.macro_sql, {}, macro)


@contextmanager
def kept_templates(folder: Path, installed: Path | None = None) -> Iterator[None]:
    """`folder` belongs to the user alone, and `installed` to who installed all that is run: what is
    kept there is executed.
    """
    from dbt_common.clients.jinja import MacroFuzzEnvironment

    file = folder / _name()
    kept, asked = _read(file), dict[bytes, CodeType]()
    made = _read(installed / _name()) if installed else {}
    make = MacroFuzzEnvironment.compile

    def compiled(environment: Any, source: Any, *args: Any, **options: Any) -> Any:
        if args or options or not isinstance(source, str):
            return make(environment, source, *args, **options)
        text = f"{type(environment).__name__} {source}".encode()
        key = hashlib.blake2b(text, digest_size=16).digest()
        code = asked.get(key) or made.get(key) or kept.get(key) or make(environment, source)
        asked[key] = code
        return code

    with patch.object(MacroFuzzEnvironment, "compile", compiled):
        yield
    own = {key: code for key, code in asked.items() if key not in made}
    if own.keys() - kept.keys():
        both = {**kept, **own}
        _write(file, both if len(both) <= MOST else own)


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
