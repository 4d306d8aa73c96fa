"""`make bench-queries`: the questions of docs/questions.md, asked of published marts many times.

A question of the marts' tables is one thing; one of each request (`fct_requests`,
`fct_request_costs`) reads all day files, and is told apart.
"""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click
import duckdb

from benchmarks.company.traffic import Traffic
from benchmarks.company.workspace import write_workspace
from benchmarks.measuring.goals import Ratio, ratio_table, table
from benchmarks.measuring.options import page_of, say, write
from benchmarks.measuring.page import report
from benchmarks.measuring.processes import measured, tollbook
from orchestration.publishing.marts import open_marts

NAME: Final = "queries"
QUESTIONS: Final = Path(__file__).parents[1] / "docs" / "questions.md"
HEADING: Final = re.compile(r"^## \d+\. (.*)$")
ASKED: Final = re.compile(r'^\$ tollbook query "(.*)"$')
OF_REQUESTS: Final = re.compile(r"\bfct_request(s|_costs)\b")
WANTED_MS: Final = 100


@dataclass(frozen=True, slots=True)
class Answered:
    """`cpu` seconds of every round, of all cores: who asks on idle ones waits less. `wall` is the
    fastest round's.
    """

    question: str
    of_requests: bool
    cpu: tuple[float, ...]
    wall: float


def questions() -> list[tuple[str, str]]:
    """The page's headings with their SQL; one with two questions comes twice."""
    heading, found = "", []
    for line in QUESTIONS.read_text().splitlines():
        if match := HEADING.match(line):
            heading = match[1]
        elif match := ASKED.match(line):
            found.append((heading, match[1]))
    return found


def measure(marts: Path, rounds: int) -> list[Answered]:
    """Each round asks all questions; the first, of cold caches, does not count."""
    asked = questions()
    with open_marts(marts) as connection:
        times = [[_seconds(connection, sql) for _, sql in asked] for _ in range(rounds + 1)][1:]
    return [
        Answered(
            question,
            bool(OF_REQUESTS.search(sql)),
            tuple(cpu for cpu, _ in rounds_of),
            min(wall for _, wall in rounds_of),
        )
        for (question, sql), rounds_of in zip(asked, zip(*times, strict=True), strict=True)
    ]


def _seconds(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[float, float]:
    """CPU and wall."""
    cpu, wall = time.process_time(), time.perf_counter()
    connection.execute(sql).fetchall()
    return time.process_time() - cpu, time.perf_counter() - wall


def p95(seconds: Sequence[float]) -> float:
    """The nearest rank, in milliseconds."""
    ranked = sorted(seconds)
    return ranked[max(-(-len(ranked) * 95 // 100) - 1, 0)] * 1000


def lines(found: Sequence[Answered], requests: int) -> Iterator[str]:
    of_marts = [each for each in found if not each.of_requests]
    of_all = p95([second for each in of_marts for second in each.cpu])
    what = f"{of_all:,.0f} CPU ms: p95 of questions to the marts at {requests:,} requests"
    yield from ratio_table([Ratio(what, of_all / WANTED_MS, f"{WANTED_MS} ms", "≤ 1")])
    yield ""
    yield from table(
        ("question", "reads", "p95, CPU ms", "fastest, ms"),
        [
            (
                each.question,
                "requests" if each.of_requests else "marts",
                f"{p95(each.cpu):,.1f}",
                f"{each.wall * 1000:,.1f}",
            )
            for each in found
        ],
    )


@click.command()
@click.option("--requests", default=1_000_000, show_default=True, help="of a new company")
@click.option("--workspace", type=click.Path(path_type=Path), help="ask one that was run instead")
@click.option("--rounds", default=20, show_default=True)
@write
def main(requests: int, workspace: Path | None, rounds: int, write: bool) -> None:
    """Prints milliseconds of each question."""
    with TemporaryDirectory() as passing:
        folder = workspace or Path(passing) / "company"
        if not workspace:
            say(f"a run of {requests:,} requests")
            write_workspace(folder, Traffic.until_last_day(requests, 30), 30)
            measured(tollbook(folder, "run"))
        marts = folder / "marts.duckdb"
        with open_marts(marts) as connection:
            [(there,)] = connection.execute("select count(*) from fct_requests").fetchall()
        found = measure(marts, rounds)
    report(NAME, f"python -m benchmarks.{NAME}", lines(found, there), page=page_of(write))


if __name__ == "__main__":
    main()
