"""The rooms of ingestion, orchestration and simulation, and what imports what, from the sources.

`python -m tests.support.rooms` prints the plan; a room is a folder, or a file beside the folders.
Imports for types alone do not count: nothing runs by them.
"""

import ast
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parents[2]
PACKAGES: Final = ("ingestion", "orchestration", "simulation")
# Floors from the ground up: a room imports from floors below its own, and never from its own.
FLOORS: Final = (
    ("simulation.company",),
    ("simulation.traffic",),
    ("simulation.bills", "simulation.logs"),
    ("simulation.workspace", "simulation.presets"),
    ("simulation.simulate", "simulation.faults"),
    (
        *("ingestion.vocabulary", "ingestion.known_errors"),
        *("ingestion.globs", "ingestion.secret_forms", "ingestion.process_setup"),
    ),
    ("ingestion.contracts",),
    ("ingestion.records",),
    ("ingestion.workspace",),
    ("ingestion.reading",),
    ("ingestion.storage",),
    ("ingestion.pulling",),
    ("ingestion.gateways", "ingestion.bills"),
    ("ingestion.prices",),
    ("ingestion.reference",),
    ("ingestion.landing",),
    ("orchestration.asset_keys", "orchestration.terminal", "orchestration.cents"),
    ("orchestration.ledger",),
    ("orchestration.running",),
    ("orchestration.command", "orchestration.warehouse"),
    ("orchestration.dbt",),
    ("orchestration.publishing",),
    ("orchestration.checks",),
    ("orchestration.exports", "orchestration.summary", "orchestration.explaining"),
    ("orchestration.closing", "orchestration.notifying"),
    ("orchestration.assets", "orchestration.watching"),
    ("orchestration.jobs", "orchestration.onboarding"),
    ("orchestration.month_ends",),
    ("orchestration.definitions",),
    ("orchestration.execution", "orchestration.run_process"),
    ("orchestration.dry_run", "orchestration.forgetting"),
    ("orchestration.commands",),
)


def files_by_room(repository: Path = REPOSITORY) -> dict[str, list[Path]]:
    """Every source file but empty `__init__.py`, below the repository."""
    found: dict[str, list[Path]] = defaultdict(list)
    for package in PACKAGES:
        for file in sorted((repository / package).rglob("*.py")):
            if file.name != "__init__.py" or file.stat().st_size:
                found[_room(_module(file.relative_to(repository)))].append(file)
    return dict(found)


def arrows(repository: Path = REPOSITORY) -> dict[str, dict[str, list[str]]]:
    """Room → room that it imports → the modules that do."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for room, files in files_by_room(repository).items():
        for file in files:
            module = _module(file.relative_to(repository))
            for imported in sorted({_room(name) for name in imports(file)} - {room}):
                found[room][imported].append(module)
    return {room: dict(imported) for room, imported in found.items()}


def wrong_arrows(repository: Path = REPOSITORY) -> list[str]:
    """A sentence for each arrow up or along a floor, and each room without a floor.

    Where every arrow goes down there is no circle.
    """
    floor = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
    rooms = files_by_room(repository)
    unknown = [f"{room} is on no floor" for room in rooms if room not in floor]
    unknown += [f"{room} of FLOORS is no room" for room in floor if room not in rooms]
    up = [
        f"{room} imports {imported}, which is not below it: {', '.join(modules)}"
        for room, below in arrows(repository).items()
        for imported, modules in below.items()
        if imported in floor and room in floor and floor[imported] >= floor[room]
    ]
    return unknown + up


def circles(repository: Path = REPOSITORY) -> list[str]:
    """The first circle of modules, also of one room; empty where there is none."""
    files = [file for of_room in files_by_room(repository).values() for file in of_room]
    modules = {_module(file.relative_to(repository)): file for file in files}
    graph = {
        module: {_of_module(name, modules) for name in imports(file)} - {module}
        for module, file in modules.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [*error.args[1]]
    return []


def imports(file: Path) -> Iterator[str]:
    """Modules of the packages that a file imports, inside functions too."""
    for node in _run(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            # `from ingestion.bills import pulls` names a module, or a room that is a file
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] in PACKAGES)


def _run(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under `if TYPE_CHECKING`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from _run(node)


def _of_module(name: str, modules: Collection[str]) -> str:
    """`a.b.function` → `a.b`."""
    return name if name in modules else name.rpartition(".")[0]


def _module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts)


def _room(module: str) -> str:
    """`ingestion.bills.pages.page` → `ingestion.bills`."""
    return ".".join(module.split(".")[:2])


def plan(repository: Path = REPOSITORY) -> str:
    """Markdown: floors from the top, what each room imports, and its files."""
    rooms, imported = files_by_room(repository), arrows(repository)
    lines = ["| floor | room | files | imports |", "|---|---|---|---|"]
    for number, floor in reversed(list(enumerate(FLOORS))):
        lines += [
            f"| {number} | {room} | {len(rooms[room])} | {_listed(room, imported.get(room, {}))} |"
            for room in floor
        ]
    for room, files in rooms.items():
        folder = repository / room.replace(".", "/")
        names = [file.relative_to(folder).as_posix() for file in files if folder in file.parents]
        lines += ["", f"`{room}`: {', '.join(names)}"] if names else []
    return "\n".join(lines)


def _listed(room: str, imported: Mapping[str, list[str]]) -> str:
    """Rooms of the same package without its name."""
    return ", ".join(name.removeprefix(f"{room.split('.')[0]}.") for name in sorted(imported))


if __name__ == "__main__":
    print(plan())
