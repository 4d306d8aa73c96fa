"""Packages of others that import all they have, where a run asks them for a fifth of it.

Their modules are there at once, and what a package imports itself when somebody asks it for a name:
nothing is missing, it only comes later. tests/orchestration/test_asked_later.py fails where an
upgrade changes any of what is said here.
"""

import sys
import threading
from collections.abc import Mapping
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Final

# Package -> the names that Dagster takes of it in a run, each with the module that has it.
PACKAGES: Final[Mapping[str, Mapping[str, str]]] = {
    "dagster._core.storage.event_log": {
        "EventLogStorage": "dagster._core.storage.event_log.base",
        "EventLogRecord": "dagster._core.storage.event_log.base",
    },
    "dagster._core.storage.schedules": {"ScheduleStorage": "dagster._core.storage.schedules.base"},
    "dagster._core.storage.runs": {"RunStorage": "dagster._core.storage.runs.base"},
    "dagster._daemon": {},
    "dagster_dbt": {},
}
# Modules of which others take names that a run does not use: types in annotations, functions.
NAMES: Final = (
    "dagster._core.storage.sql",
    "dbt.contracts.graph.semantic_manifest",
    "sqlglot",
    "sqlglot.expressions",
    "sqlglot.lineage",
    "sqlglot.optimizer",
)
# Distributions of which somebody used such a name.
_WITHDRAWN: Final = set[str]()
_ASKED: Final = threading.RLock()


class Package(ModuleType):
    """One whose own code has not run."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if place := PACKAGES[self.__name__].get(name):
            return getattr(import_module(place), name)
        return getattr(_whole(self), name)


class Module(ModuleType):
    """In place of one that is not imported: a name of it stands for what it will be."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Name(self.__name__, name)


class Name:
    """What a module has by a name, looked up when it is used."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self._found()(*args, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._found(), name)

    def __or__(self, other: Any) -> Any:
        """In an annotation that nobody reads."""
        return Any

    def _found(self) -> Any:
        _withdraw(self._module)
        return getattr(import_module(self._module), self._name)


def _whole(package: ModuleType) -> ModuleType:
    """After its own code has run."""
    _withdraw(package.__name__)
    with _ASKED:
        if isinstance(package, Package):
            # it asks for nothing twice
            object.__setattr__(package, "__class__", ModuleType)
            parent = package.__name__.rpartition(".")[0]
            path = sys.modules[parent].__path__ if parent else None
            spec = PathFinder.find_spec(package.__name__, path)
            assert spec and spec.loader, package.__name__
            spec.loader.exec_module(package)
    return package


def _withdraw(name: str) -> None:
    """Whoever imports a module of the same distribution from now on gets the module itself."""
    top = name.partition(".")[0]
    with _ASKED:
        _WITHDRAWN.add(top)
        for other in NAMES:
            if other.partition(".")[0] == top and isinstance(sys.modules.get(other), Module):
                del sys.modules[other]


class _Later(MetaPathFinder, Loader):
    """Finds modules where they lie, and does not run their code."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        named = fullname in NAMES and fullname.partition(".")[0] not in _WITHDRAWN
        if not named and fullname not in PACKAGES:
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None:
            spec.loader = self
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return Package(spec.name) if spec.name in PACKAGES else Module(spec.name)

    def exec_module(self, module: ModuleType) -> None: ...


def asked_later() -> None:
    """For the process, before dagster and dbt are imported."""
    if not any(isinstance(finder, _Later) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Later())
