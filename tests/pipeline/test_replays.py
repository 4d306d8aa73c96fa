"""The same sources give the same marts, in whatever objects, order and number they arrive."""

import random
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.workspace.settings import Workspace
from tests.pipeline.changed_sources import (
    LOGS,
    change_a_count,
    change_one_byte,
    rearrange_bills,
    rearrange_logs,
    restate_bill,
    write_again,
)
from tests.pipeline.compiled_project import CompiledProject
from tests.pipeline.workspaces import (
    Bench,
    assert_same,
    assert_same_tables,
    contents,
    copy_sources,
    exported_but_counts,
    log_objects,
    query,
    run,
)
from tests.scenarios.companies import OwnCompany

pytestmark = pytest.mark.whole

# It counts objects and duplicates, which a replay adds; everything else must stay.
COUNTS = ("mart_data_quality_daily",)


@pytest.fixture(scope="module")
def base(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Built from everything at once."""
    bench = Bench(tmp_path_factory.mktemp("base") / "company")
    bench.take(small)
    bench.save()
    return bench


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Builds the sources of a workspace in another folder that holds nothing else."""
    return Bench(tmp_path_factory.mktemp("fresh") / "company").build


@pytest.fixture
def built(base: Bench) -> Path:
    return base.restore()


def test_replayed_objects_change_nothing_but_counts(
    built: Path,
    small: Path,
    compiled: Callable[[Workspace], CompiledProject],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    before, files = contents(built), exported_but_counts(built)
    copy_sources(small, tmp_path)
    rearrange_logs(tmp_path, random.Random(3))
    rearrange_bills(tmp_path, random.Random(4))
    shutil.copytree(tmp_path / "logs", built / "logs", dirs_exist_ok=True)
    shutil.copytree(tmp_path / "bills", built / "bills", dirs_exist_ok=True)
    for file in log_objects(small)[:40]:
        shutil.copy(file, built / LOGS / f"copy-of-{file.name}")
    assert run(built) == []
    after = contents(built)
    assert_same_tables(after, before, but=COUNTS)
    assert exported_but_counts(built) == files
    fresh = tmp_path_factory.mktemp("fresh")
    copy_sources(built, fresh)
    assert_same_tables(after, OwnCompany(compiled, fresh).tables())


# in short: objects and their order in tests/field/test_identity.py
@pytest.mark.whole
def test_other_objects_names_and_order_of_arrival_end_in_the_same_marts(
    small: Path, base: Bench, built: Path
) -> None:
    expected, files = contents(built), exported_but_counts(built)
    folder = base.clear()
    copy_sources(small, folder)
    rearrange_logs(folder, random.Random(1))
    rearrange_bills(folder, random.Random(2))
    waiting = random.Random(5).sample(log_objects(folder), len(log_objects(folder)) // 2)
    waiting += [*(folder / "bills" / "openai").iterdir(), folder / "reference" / "aliases.csv"]
    for file in waiting:
        file.rename(file.with_name(f".{file.name}"))
    run(folder)
    half = contents(folder)
    assert 0 < len(half["fct_requests"]) < len(expected["fct_requests"])
    assert 0 < len(half["fct_charges"]) < len(expected["fct_charges"])
    for file in waiting:
        file.with_name(f".{file.name}").rename(file)
    assert run(folder) == []
    assert_same_tables(contents(folder), expected, but=COUNTS)
    assert exported_but_counts(folder) == files


def billed(folder: Path) -> Decimal:
    [[total]] = query(folder, "select sum(billed_cost) from fct_cost_allocations")
    return Decimal(total)


def test_changed_late_and_restated_objects_end_as_a_fresh_build(
    built: Path, fresh: Callable[[Path], Path]
) -> None:
    before = billed(built)
    claimed_by, claim = change_one_byte(built)
    request_id, tokens = change_a_count(built)
    assert request_id != claimed_by
    late = [write_again(built, "2026-09-24", "2026-10-09"), write_again(built, "2026-10-03", "x")]
    assert run(built) == []
    sql = "select {} from fct_requests where request_id = '{}'"
    assert query(built, sql.format("gateway_cost", claimed_by)) == [(claim,)]
    assert query(built, sql.format("output_quantity", request_id)) == [(tokens,)]
    days = "select usage_date from fct_requests where request_id = '{}'"
    assert [str(query(built, days.format(each))[0][0]) for each in late] == [
        "2026-09-24",
        "2026-10-03",
    ]
    # the bill says what was spent; logs only say for what
    assert billed(built) == before

    raised = restate_bill(built)
    assert run(built) == []
    assert billed(built) == before + raised
    assert_same(built, fresh(built))


# in short: the fresh warehouses of test_records_by_day.py and test_dated_prices.py
@pytest.mark.whole
def test_a_warehouse_rebuilt_from_the_landing_has_vanished_objects_too(built: Path) -> None:
    before, files = contents(built), exported_but_counts(built)
    for file in log_objects(built)[::3]:
        file.unlink()
    (built / "bills" / "openai" / "usage-completions-02.json").unlink()
    for name in ("warehouse.duckdb", "marts.duckdb"):
        (built / name).unlink()
    for name in ("marts.requests", "exports"):
        shutil.rmtree(built / name)
    assert run(built) == []
    assert_same_tables(contents(built), before)
    assert exported_but_counts(built) == files
