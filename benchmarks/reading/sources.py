"""The logs that are read: LiteLLM's as plain NDJSON, and a generic one as Parquet."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
import zstandard

from benchmarks.company.traffic import Traffic, draw
from benchmarks.company.workspace import write_logs
from simulation.simulate import simulate

LITELLM: Final = "litellm"
GENERIC: Final = "generic"
SETTINGS: Final = f"""\
company: Bench
gateways:
  - {{name: {LITELLM}, format: litellm, location: {LITELLM}}}
  - {{name: {GENERIC}, format: generic, location: {GENERIC}, provider: openai}}
"""


def write_sources(folder: Path, requests: int, objects: int, seed: int) -> None:
    (folder / "tollbook.yaml").write_text(SETTINGS)
    _write_litellm(folder / LITELLM, requests, objects, seed)
    (folder / GENERIC).mkdir()
    with duckdb.connect() as connection:
        traffic = Traffic.until_last_day(requests, 30)
        draw(connection, traffic, seed)
        write_logs(connection, folder / GENERIC, traffic, objects)


def _write_litellm(folder: Path, requests: int, objects: int, seed: int) -> None:
    """The lines of a simulated company's log, its ends of lines as they are."""
    folder.mkdir()
    with TemporaryDirectory() as company:
        simulate(Path(company), requests, 30, seed)
        lines = _lines(Path(company) / "logs")
        for number in range(objects):
            part = list(islice(lines, requests // objects + 1))
            (folder / f"{number:03d}.jsonl").write_bytes(b"".join(part))
        left = b"".join(lines)
        (folder / f"{objects:03d}.jsonl").write_bytes(left)


def _lines(logs: Path) -> Iterator[bytes]:
    for file in sorted(logs.rglob("*.json*")):
        data = file.read_bytes()
        if file.suffix == ".zst":
            data = zstandard.ZstdDecompressor().stream_reader(data).read()
        yield from (line + b"\n" for line in data.splitlines() if line)
