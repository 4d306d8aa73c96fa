"""What a log line passes on its way to chargeback.csv: `python -m tests.support.way` prints it.

Files: what the steps of the way import, and what that imports. Models: from the landed requests to
mart_chargeback_monthly, each that reads one of them and is read by another.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from tests.support.rooms import REPOSITORY, imports

MODELS: Final = REPOSITORY / "dbt_project" / "models"
START: Final = "stg_landing__requests"
END: Final = "mart_chargeback_monthly"
# An object of a gateway's log is read and landed; the marts are published; the month leaves.
STEPS: Final = (
    "ingestion/gateways/litellm/reader.py",
    "ingestion/landing/loading.py",
    "orchestration/publishing/publish.py",
    "orchestration/exports/months.py",
)
REF: Final = re.compile(r"ref\(\s*['\"](\w+)['\"]")


def files_passed() -> dict[str, int]:
    """Room -> its Python files on the way, in the order of the rooms' names."""
    steps = [REPOSITORY / step for step in STEPS]
    found = _closure(steps, lambda file: [each for name in imports(file) for each in _file(name)])
    rooms = Counter("/".join(file.relative_to(REPOSITORY).parts[:2]) for file in found)
    return dict(sorted(rooms.items()))


def models_passed() -> dict[str, int]:
    """Folder of dbt models -> its models on the way."""
    models = {file.stem: file for file in MODELS.rglob("*.sql")}

    above = {
        file: [models[name] for name in REF.findall(file.read_text(encoding="utf-8"))]
        for file in models.values()
    }
    below = {file: [other for other in above if file in above[other]] for file in above}
    found = _closure([models[START]], below.__getitem__) & _closure(
        [models[END]], above.__getitem__
    )
    folders = Counter(file.parent.relative_to(MODELS).as_posix() for file in found)
    return dict(sorted(folders.items()))


def _file(name: str) -> list[Path]:
    """Of `a.b` or of `a.b.function`."""
    for module in (name, name.rpartition(".")[0]):
        file = REPOSITORY / f"{module.replace('.', '/')}.py"
        if file.is_file():
            return [file]
    return []


def _closure(roots: Iterable[Path], below: Callable[[Path], list[Path]]) -> set[Path]:
    found: set[Path] = set()
    waiting = list(roots)
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += below(file)
    return found


def way() -> str:
    """Markdown: the counts by room and by folder of models."""
    lines = []
    for what, passed in (("Python files", files_passed()), ("dbt models", models_passed())):
        rooms = ", ".join(f"{room.removesuffix('.py')} {count}" for room, count in passed.items())
        lines.append(f"* {sum(passed.values())} {what}: {rooms}.")
    return "\n".join(lines)


if __name__ == "__main__":
    print(way())
