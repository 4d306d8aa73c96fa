"""Each log landed by this release, by another one, and copied by DuckDB, in turns."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.measuring.processes import Spent, measured, python
from benchmarks.reading.sources import GENERIC, LITELLM, write_sources

REPOSITORY: Final = Path(__file__).parents[2]
LAND: Final = REPOSITORY / "benchmarks" / "reading" / "land.py"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """Of each log; the round with the least CPU counts: other work only ever adds."""

    requests: int
    objects: int
    rounds: int
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Read:
    records: int
    cpu: float
    peak: int

    @property
    def per_second(self) -> float:
        return self.records / self.cpu


@dataclass(frozen=True, slots=True)
class Format:
    """One log. `beside` is another release, where one was given; `bytes` are its objects'."""

    name: str
    bytes: int
    here: Read
    duckdb: Read
    beside: Read | None


def measure(size: Size, beside: Path | None, say: Say) -> list[Format]:
    with TemporaryDirectory() as passing:
        folder = Path(passing)
        say(f"writing two logs of {size.requests:,} requests")
        write_sources(folder, size.requests, size.objects, size.seed)
        return [_format(folder, name, size, beside, say) for name in (LITELLM, GENERIC)]


def _format(folder: Path, name: str, size: Size, beside: Path | None, say: Say) -> Format:
    here, there, limit = [], [], []
    for number in range(size.rounds):
        say(f"{name}: round {number + 1} of {size.rounds}")
        here.append(_landed(folder, name, REPOSITORY))
        if beside:
            there.append(_landed(folder, name, beside))
        limit.append(_copied(folder, name))
    bytes_ = sum(file.stat().st_size for file in (folder / name).iterdir())
    return Format(name, bytes_, _least(here), _least(limit), _least(there) if beside else None)


def _least(reads: list[Read]) -> Read:
    return min(reads, key=lambda read: read.cpu)


def _landed(folder: Path, name: str, release: Path) -> Read:
    """By a checkout, in its own environment where it has one."""
    own = release / ".venv" / "bin" / "python"
    interpreter = str(own) if own.exists() else sys.executable
    with TemporaryDirectory() as landing:
        command = [interpreter, "-P", str(LAND), str(folder), name, f"{landing}/landing"]
        # a release that forbids writing bytecode would compile its imports
        env = {"PYTHONPATH": str(release), "PYTHONDONTWRITEBYTECODE": ""}
        return _read(measured(command, env=env, cwd=release))


def _copied(folder: Path, name: str) -> Read:
    kind = "json" if name == LITELLM else "parquet"
    with TemporaryDirectory() as target:
        arguments = ("benchmarks.reading.copied", kind, str(folder / name), f"{target}/all.parquet")
        return _read(measured(python("-m", *arguments), cwd=REPOSITORY))


def _read(spent: Spent) -> Read:
    told = json.loads(spent.output.splitlines()[-1])
    return Read(told["records"], told["cpu"], spent.peak)
