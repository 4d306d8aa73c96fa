"""The simulation as a whole: repeatable, self-contained, and the sample within its bounds."""

import ast
import csv
import hashlib
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import yaml

import simulation
from simulation.simulate import simulate
from tests.simulation.conftest import Simulated


def contents(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_same_seed_same_bytes_and_another_seed_other_names(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("again", 3), ("other", 4)):
        simulate(tmp_path / name, requests=600, days=3, seed=seed)
    one, again, other = (contents(tmp_path / name) for name in ("one", "again", "other"))
    assert one == again
    same = {name for name in one if other.get(name) == one[name]}
    assert len(one) > 20
    # A discount on the same model from the same month on is all that the two may share.
    assert same <= {"reference/contracts.csv"}


@pytest.mark.parametrize(("requests", "days"), [(1, 1), (2, 5), (40, 2)])
def test_tiny_companies_have_exactly_the_requests_asked_for(
    tmp_path: Path, requests: int, days: int
) -> None:
    summary = simulate(tmp_path / "tiny", requests=requests, days=days, seed=1)
    truth = str(tmp_path / "tiny" / "truth" / "requests.parquet")
    assert duckdb.sql(f"select count(*) from '{truth}'").fetchall() == [(requests,)]
    assert summary.requests == requests


def test_clean_tags_leave_no_tag_out(tmp_path: Path) -> None:
    simulate(tmp_path / "clean", requests=500, days=2, seed=1, clean_tags=True)
    truth = str(tmp_path / "clean" / "truth" / "requests.parquet")
    assert duckdb.sql(
        f"select bool_and(tags_complete), bool_and(feature = expected_feature) from '{truth}'"
    ).fetchall() == [(True, True)]


def test_refuses_a_folder_with_something_in_it(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(FileExistsError, match="is not empty: simulate into a new folder"):
        simulate(tmp_path, requests=10, days=1, seed=1)
    with pytest.raises(ValueError, match="no preset `smaple`: choose sample"):
        simulate(tmp_path / "new", preset="smaple")


def test_daily_truth_is_the_sum_of_the_requests(company: Simulated) -> None:
    daily = duckdb.sql(
        "select usage_date, feature, team, tier, provider, model, sum(requests)::bigint, "
        "sum(billed_cost::decimal(38, 12)) from "
        f"read_csv('{company.folder}/truth/daily.csv', types = {{'billed_cost': 'VARCHAR'}}) "
        "group by all order by all"
    ).fetchall()
    requests = duckdb.sql(
        "select usage_date, feature, team, tier, provider, model, count(*), sum(billed_cost) "
        f"from '{company.truth}' group by all order by all"
    ).fetchall()
    assert daily == requests


def test_meters_of_a_request_add_up_to_its_cost(company: Simulated) -> None:
    wrong = duckdb.sql(
        f"select request_id from '{company.truth}' where billed_cost <> input_billed_cost"
        " + cache_read_billed_cost + cache_write_5m_billed_cost + cache_write_1h_billed_cost"
        " + output_billed_cost or (outcome <> 'success' and billed_cost <> 0)"
        " or reasoning_tokens > output_logged"
    ).fetchall()
    assert wrong == []


def test_customers_change_tier_as_their_history_says(company: Simulated) -> None:
    wrong = duckdb.sql(
        f"select t.request_id from '{company.truth}' t "
        f"join read_csv('{company.folder}/reference/customers.csv') c "
        "on t.customer_id = c.customer_id and t.started_at >= coalesce(c.valid_from, '1970-01-01')"
        " and t.started_at < coalesce(c.valid_to, '9999-01-01') "
        "where c.tier <> t.tier or c.plan <> t.plan"
    ).fetchall()
    assert wrong == []


def test_sample_is_northwind_within_its_bounds(sample: Simulated) -> None:
    files = [file for file in sample.folder.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 5_000_000
    assert sample.summary.requests == 25_000
    months: dict[str, Decimal] = defaultdict(Decimal)
    for (_, month), billed in sample.summary.billed.items():
        months[month] += billed
    assert sorted(months) == ["2026-09", "2026-10"]
    assert all(abs(billed - 940) < 47 for billed in months.values())
    settings = yaml.safe_load((sample.folder / "tollbook.yaml").read_text())
    assert settings["company"] == "Northwind HR"
    with (sample.folder / "truth" / "daily.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    assert {row["feature"] for row in rows} == {
        *("resume-screening", "interview-questions", "offer-letters"),
        *("sentiment-analysis", "hr-chatbot"),
    }
    assert {row["tier"] for row in rows} == {"enterprise", "free"}
    assert {row["provider"] for row in rows} == {"openai", "anthropic"}


def test_imports_nothing_of_the_pipeline() -> None:
    folder = Path(str(simulation.__file__)).parent
    imported = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(str(node.module).split(".")[0])
    assert not imported & {"ingestion", "orchestration", "dbt_project", "tests"}
