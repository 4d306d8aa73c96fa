"""A new owner dimension is a word of ingestion/vocabulary.py: a tag's money is on it in every mart.

Done for real, in a copy of the code: the word, the command that writes what YAML repeats, a run.
"""

import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Final

import duckdb
import pytest

from orchestration.running.working_folder import REPOSITORY
from tests.scenarios.companies import call, costs, line, log, write_company

pytestmark = pytest.mark.whole

CODE: Final = ("ingestion", "orchestration", "dbt_project", "tests/support")
LAST: Final = """\
        "plan": OwnerDimension(
            ("tag:plan", "metadata:plan", "customer:plan", "rule"), customer=True
        ),
"""
WORD: Final = """\
        "product": OwnerDimension(("tag:product", "metadata:product", "rule")),
"""
SETTINGS: Final = """\
company: Sixth
since: 2026-10-01
gateways:
  - name: proxy
    format: generic
    location: logs
    columns: {credential_hint: key, "tag:product": product, "tag:team": team}
bills:
  - {name: openai, format: openai, account: org-o, location: openai}
"""
CALLS: Final = (
    call("2026-10-01T10:00:00Z", "gpt-4o", 3000, key="key", team="core", product="Mail"),
    call("2026-10-01T10:05:00Z", "gpt-4o", 1000, key="key", team="core", product="search"),
    call("2026-10-01T10:06:00Z", "gpt-4o", 1000, key="key", team="core"),
)
TUNED: Final = line("2026-10-01", "gpt-4o-2024-08-06, training", "1", 5, "other")
USED: Final = line("2026-10-01", "gpt-4o-2024-08-06, input", "10", 5000)


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code with one word more."""
    copy = tmp_path_factory.mktemp("code")
    for room in CODE:
        shutil.copytree(REPOSITORY / room, copy / room)
    words = copy / "ingestion" / "vocabulary.py"
    text = words.read_text()
    assert text.count(LAST) == 1
    words.write_text(text.replace(LAST, LAST + WORD))
    _python(copy, "-m", "tests.support.dbt_words")
    return copy


@pytest.fixture(scope="module")
def marts(code: Path, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """What a run of it publishes."""
    folder = tmp_path_factory.mktemp("sixth")
    files = {
        "logs/a.jsonl": log(CALLS),
        "openai/costs.json": costs(USED, TUNED),
        "reference/attribution_rules.csv": "priority,match,set_product\n1,model=gpt-4o*,ruled\n",
    }
    write_company(folder, files, SETTINGS)
    start = "from orchestration.command import tollbook; tollbook()"
    _python(code, "-c", start, "--workspace", str(folder), "run")
    connection = duckdb.connect(folder / "marts.duckdb", read_only=True)
    connection.execute(f"set file_search_path = '{folder}'")
    return connection


def test_a_tag_of_a_log_and_a_rule_put_money_on_the_new_dimension(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    spent = {
        "mail": Decimal(6),
        "ruled": Decimal(2),
        "search": Decimal(2),
        "__unallocated__": Decimal(1),
    }
    for mart in ("fct_cost_allocations", "fct_cost_daily", "mart_showback_monthly"):
        found = dict(
            marts.execute(
                f"select product, sum(billed_cost) from {mart} group by product"
                " having sum(billed_cost) <> 0"
            ).fetchall()
        )
        assert found == spent, mart


def test_a_request_says_where_its_new_owner_is_from(marts: duckdb.DuckDBPyConnection) -> None:
    assert marts.execute(
        "select product, product_source, product_rule from fct_requests order by started_at"
    ).fetchall() == [
        ("mail", "tag:product", None),
        ("search", "tag:product", None),
        ("ruled", "rule", "1 model=gpt-4o*"),
    ]
    assert marts.execute(
        "select set_product, product_cost from dim_attribution_rules"
    ).fetchall() == [("ruled", Decimal(2))]


def _python(code: Path, *arguments: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(code)}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=code,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
