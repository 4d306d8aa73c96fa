"""What a log line passes on its way to chargeback.csv: `python -m tests.support.way` prints it.

Files: what the steps of the way import, and what that imports; of these, the ones whose code runs
for one line of the sample until it has landed, and with a workspace that was run
(`python -m tests.support.way FOLDER`) until its month is exported. Models: from the landed requests
to mart_chargeback_monthly, each that reads one of them and is read by another, and with
such a workspace how many of them have a row there.
"""

import re
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Final

import duckdb

from ingestion.landing.landing import open_landing
from ingestion.landing.loading import load_gateway
from ingestion.reading.records.decompression import decompress
from ingestion.storage.objects import open_storage
from ingestion.workspace.settings import load_workspace
from orchestration.exports.months import export_open_months
from tests.support.rooms import PACKAGES, REPOSITORY, imports

MODELS: Final = REPOSITORY / "dbt_project" / "models"
STARTS: Final = ("stg_landing__requests_to_decide", "stg_landing__requests_in_hand")
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


def files_run(ran: Path | None = None) -> dict[str, int]:
    """Room -> its files that run for one line; `ran`: a workspace whose months are exported too."""
    workspace = load_workspace(ran or REPOSITORY / "data" / "sample")
    gateway = workspace.gateways[0]
    logs = open_storage(gateway.location)
    data = logs.get(min(info.name for info in logs.list())).data
    with tempfile.TemporaryDirectory() as folder, _traced() as files:
        log = Path(folder) / "logs" / "one.jsonl"
        log.parent.mkdir()
        log.write_bytes(decompress(data).data.splitlines()[0])
        landing = open_landing(f"{folder}/landing")
        load_gateway(replace(gateway, location=str(log.parent)), landing)
        if ran is not None:
            export_open_months(replace(workspace, exports=f"{folder}/exports"))
    rooms = Counter("/".join(file.relative_to(REPOSITORY).parts[:2]) for file in files)
    return dict(sorted(rooms.items()))


@contextmanager
def _traced() -> Iterator[set[Path]]:
    """Files of the packages of which a function is called."""
    files: set[Path] = set()
    packages = tuple(f"{REPOSITORY / package}/" for package in PACKAGES)

    def note(frame: FrameType, event: str, _: object) -> None:
        name = frame.f_code.co_filename
        # what runs at import is no step of the way
        if event == "call" and name.startswith(packages) and frame.f_code.co_name != "<module>":
            files.add(Path(name))

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield files
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def models_passed(ran: Path | None = None) -> dict[str, int]:
    """Folder of dbt models -> its models on the way; `ran`: that have a row in this workspace."""
    found = _models_on_the_way()
    if ran is not None:
        warehouse = load_workspace(ran).warehouse
        with duckdb.connect(warehouse, read_only=True) as connection:
            found = {file for file in found if _has_a_row(connection, file.stem)}
    folders = Counter(file.parent.relative_to(MODELS).as_posix() for file in found)
    return dict(sorted(folders.items()))


def _models_on_the_way() -> set[Path]:
    models = {file.stem: file for file in MODELS.rglob("*.sql")}

    above = {
        file: [models[name] for name in REF.findall(file.read_text(encoding="utf-8"))]
        for file in models.values()
    }
    below = {file: [other for other in above if file in above[other]] for file in above}
    return _closure([models[name] for name in STARTS], below.__getitem__) & _closure(
        [models[END]], above.__getitem__
    )


def _has_a_row(connection: duckdb.DuckDBPyConnection, model: str) -> bool:
    [[schema]] = connection.execute(
        "SELECT table_schema FROM information_schema.tables WHERE table_name = ?", [model]
    ).fetchall()
    return bool(connection.execute(f'SELECT 1 FROM "{schema}"."{model}" LIMIT 1').fetchall())


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


def way(ran: Path | None = None) -> str:
    """Markdown: the counts by room and by folder of models."""
    counts = {
        "Python files": files_passed(),
        "of them run": files_run(ran),
        "dbt models": models_passed(),
    }
    if ran is not None:
        counts["of them have a row"] = models_passed(ran)
    lines = []
    for what, passed in counts.items():
        rooms = ", ".join(f"{room.removesuffix('.py')} {count}" for room, count in passed.items())
        lines.append(f"* {sum(passed.values())} {what}: {rooms}.")
    return "\n".join(lines)


if __name__ == "__main__":
    print(way(Path(sys.argv[1]) if sys.argv[1:] else None))
