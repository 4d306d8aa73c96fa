"""The short form of `make bench`: every benchmark runs, its page is written, no time is judged.

`make test` looks at pages alone: a first run is two whole runs.
"""

import shutil
from pathlib import Path

import pytest

from benchmarks import new_day, nothing_new, queries, sample_run, watch
from benchmarks.company.traffic import Traffic
from benchmarks.first_run import scale
from benchmarks.first_run.measured import FirstRun, Size, measure
from benchmarks.first_run.report import lines, ratios
from benchmarks.first_run.stages import MARTS, READING, REQUESTS, TESTS
from benchmarks.measuring.page import PAGE, NoPlaceError, markers, replaced, report

SIZE = Size(requests=600, days=2, objects=3, fixed=100)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench") / "company"


@pytest.fixture(scope="module")
def first(company: Path) -> FirstRun:
    return measure(company, SIZE, lambda _: None)


@pytest.mark.whole
def test_a_first_run_tells_its_stages_and_its_copy(first: FirstRun) -> None:
    run = first.run
    assert sum(run.stages.values()) == pytest.approx(run.spent.cpu, rel=0.2)
    assert all(run.stages[name] > 0 for name in (READING, REQUESTS, MARTS, TESTS))
    assert first.copy > 0
    assert run.spent.peak > 100e6
    assert all(run.bytes.values())
    assert len(ratios(first)) == 4
    assert 0 < first.fixed.cells < run.cells <= 36 * 48
    assert any(line.startswith("| a run of one new day |") for line in scale.lines(first))
    assert any(line.startswith("| reading |") for line in lines(first))


@pytest.mark.whole
def test_nothing_new_is_asked_of_a_workspace_that_was_run(first: FirstRun, company: Path) -> None:
    again = nothing_new.repeated(company, SIZE.requests, SIZE.objects, 1)
    assert 0 < again.cpu < first.run.spent.cpu
    fewer = nothing_new.Silent(SIZE.requests, 1, again.cpu, again.imported)
    assert "A further object costs" in "\n".join(nothing_new.lines([fewer, again]))


@pytest.mark.whole
def test_the_watch_looks_at_one_new_object(first: FirstRun, company: Path, tmp_path: Path) -> None:
    own = tmp_path / "company"
    shutil.copytree(company, own)
    found = watch.looked(own, Traffic.until_last_day(SIZE.requests, SIZE.days), 1)
    assert 0 < found.new < found.job
    silent = nothing_new.Silent(SIZE.requests, SIZE.objects, 1.0, 1.0, found)
    text = "\n".join(nothing_new.lines([silent, silent]))
    assert "a look at one new object" in text
    assert "| one new object, `dagster job execute` |" in text


@pytest.mark.whole
def test_every_question_of_the_page_is_answered(first: FirstRun, company: Path) -> None:
    found = queries.measure(company / "marts.duckdb", 2)
    assert len(found) == len(queries.questions()) >= 11
    assert {each.of_requests for each in found} == {True, False}
    assert f"{first.run.requests:,} requests" in "\n".join(queries.lines(found, SIZE.requests))


@pytest.mark.whole
def test_one_day_more_is_a_run_of_its_own(first: FirstRun, company: Path) -> None:
    history = Traffic.until_last_day(SIZE.requests, SIZE.days)
    found = new_day.one_more(company, history, 50, first.run.spent)
    assert found.stages[READING] > 0
    assert "on 2 days" in "\n".join(new_day.lines([found, found]))


@pytest.mark.whole
def test_a_copy_of_a_workspace_is_run_for_the_first_time(first: FirstRun, company: Path) -> None:
    found = sample_run.first_run(company, {})
    assert found.stages[READING] > 0
    assert found.spent.cpu > 0 < first.run.spent.cpu
    assert "| **all** |" in "\n".join(sample_run.lines([found, found]))


def test_p95_is_the_nearest_rank() -> None:
    assert queries.p95([n / 1000 for n in range(1, 101)]) == pytest.approx(95)
    assert queries.p95([0.002]) == pytest.approx(2)


def test_a_benchmark_writes_between_its_markers_alone(tmp_path: Path) -> None:
    begin, end = markers("reading")
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{begin}\nold\n{end}\nafter\n")
    report("reading", "python -m benchmarks.reading", ["| new |"], page=page)
    text = page.read_text()
    assert text.startswith(f"before\n{begin}\n| new |\n")
    assert text.endswith(f"{end}\nafter\n")
    assert "old" not in text
    with pytest.raises(NoPlaceError):
        replaced("nothing here", "reading", "")


@pytest.mark.parametrize(
    "name",
    [
        "sample_run",
        "reading",
        "first_run --requests 1000000",
        "first_run --requests 10000000",
        "nothing_new",
        "new_day",
        "queries",
        "bills",
    ],
)
def test_the_page_has_a_place_for_every_benchmark(name: str) -> None:
    assert replaced(PAGE.read_text(), name, "")


def test_the_page_of_scale_has_its_place() -> None:
    assert replaced(scale.PAGE.read_text(), scale.NAME, "")
