"""What cannot be read is told and counted, and stops nothing else."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import Result

from tests.ingestion.bills.cost_api import KEY, Api, error
from tests.pipeline.broken_sources import (
    add_broken_sources,
    add_unknown_line,
    bad_objects,
    records,
)
from tests.pipeline.workspaces import (
    command,
    copy_sources,
    exported,
    log_lines,
    log_objects,
    query,
    simulated,
    write_files,
)

pytestmark = pytest.mark.whole

LOGS = Path("logs") / "litellm" / "litellm" / "prod" / "2026-09-30"
# Object -> its bad record, the field and the reason.
QUARANTINED = {
    "empty.jsonl": (0, None, "empty object"),
    "negative.jsonl": (1, "completion_tokens", "Expected `int` >= 0"),
    "number.jsonl": (1, "prompt_tokens", "Expected `int | null`, got `str`"),
    "text.jsonl": (1, None, "not JSON"),
    "timeless.jsonl": (1, "startTime", "missing"),
    "truncated.jsonl.gz": (2, None, "truncated gzip object"),
    "utf8.jsonl": (1, None, "not UTF-8"),
}
# Source -> words of the one sentence that tells why it failed and what to do.
FAILED = {
    "conflicting": ("october-2.json and october.json do not agree", "delete the one"),
    "gone": ("bills/gone: no such folder", "correct the location or create it"),
    "half": ("costs-01.json ends at 2026-10-07T00:00:00Z and promises more", "fetch the next page"),
    "nowhere": ("logs/nowhere: no such folder", "correct the location or create it"),
    "refused": ("answered HTTP 401 (Incorrect API key provided: ***)", "must be an admin key"),
    "unreadable": ("costs-02.json: not JSON: cut off at line 1", "save the page again"),
    "unreachable": ("127.0.0.1:9", "cannot be reached", "check base_url and the network"),
}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulated(tmp_path_factory.mktemp("simulated") / "company", 300, 17)


@pytest.fixture(scope="module")
def bad(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Result]]:
    """A workspace with all of it, and how its run ended."""
    folder = tmp_path_factory.mktemp("bad") / "company"
    copy_sources(company, folder)
    write_files(folder / LOGS, bad_objects(records(folder, 8)))
    add_unknown_line(folder)
    api = Api()
    api.respond = lambda path, asked: (401, error(f"Incorrect API key provided: {KEY}"))
    add_broken_sources(folder, f"{api.url}/v1")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OWN_KEY", KEY)
        yield folder, command(folder, "run")
    api.server.shutdown()
    api.server.server_close()


def landing(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(folder / "warehouse.duckdb", read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_each_bad_record_is_quarantined_with_place_and_reason(bad: tuple[Path, Result]) -> None:
    folder, _ = bad
    rows = landing(
        folder, "select object, record_no, field, reason from landing.quarantine order by object"
    )
    found = {Path(name).name: (number, field, reason) for name, number, field, reason in rows}
    assert len(rows) == len(found)
    assert found == QUARANTINED


def test_the_good_records_beside_bad_ones_are_loaded(bad: tuple[Path, Result]) -> None:
    folder, _ = bad
    sql = "select request_id from fct_requests where request_id like 'own-%' or request_id = 'bad'"
    assert sorted(query(folder, sql)) == [(f"own-{number}",) for number in range(7)]


def test_records_are_landed_or_quarantined_and_counted(bad: tuple[Path, Result]) -> None:
    folder, _ = bad
    rows = query(
        folder,
        "select objects, records_read, records_landed, records_quarantined, quarantined_by_reason"
        " from mart_data_quality_daily where source = 'litellm_prod'",
    )
    assert all(read == landed + quarantined for _, read, landed, quarantined, _ in rows)
    bad_objects = [file for file in log_objects(folder) if file.name in QUARANTINED]
    lines = sum(len(log_lines(f)) for f in log_objects(folder) if f not in bad_objects)
    # six objects of two records, one of three, and the empty object, which is a record itself
    assert len(bad_objects) == len(QUARANTINED)
    assert sum(row[0] for row in rows) == len(log_objects(folder))
    assert sum(row[1] for row in rows) == lines + 5 * 2 + 3 + 1
    assert sum(row[3] for row in rows) == len(QUARANTINED)
    reasons = [part for row in rows if row[4] for part in row[4].split("; ")]
    told = [reason for part in reasons for reason in [part.rpartition(": ")[0]]]
    assert sorted(told) == sorted(reason for _, _, reason in QUARANTINED.values())


def test_the_money_of_an_unknown_line_is_unparsed(bad: tuple[Path, Result]) -> None:
    folder, _ = bad
    sql = """
        select allocations.residual_cause, allocations.billed_cost, allocations.team
        from fct_cost_allocations as allocations
        inner join fct_charges as charges on allocations.charge_id = charges.charge_id
        where charges.charge_description like 'Qubit%'
    """
    assert query(folder, sql) == [("unparsed", Decimal("1.25"), "__unallocated__")]
    sql = """
        select unparsed, unexplained from mart_reconciliation_monthly
        where provider = 'openai' and billing_month = date '2026-09-01'
    """
    assert query(folder, sql) == [(Decimal("1.25"), Decimal(0))]


def test_a_source_that_fails_is_one_sentence_and_status_1(bad: tuple[Path, Result]) -> None:
    _, result = bad
    assert result.exit_code == 1
    *told, incomplete = str(result.exception).splitlines()
    assert len(told) == len(FAILED)
    for sentence, (source, words) in zip(told, sorted(FAILED.items()), strict=True):
        assert sentence.startswith(f"source {source} could not be read: ")
        assert all(word in sentence for word in words), sentence
        assert KEY not in sentence
    # the cut object makes its month one on lost logs
    assert incomplete.startswith(
        "2026-09 is incomplete: litellm_prod: objects that cannot be read to their end, 1; the"
    )
    assert "/truncated.jsonl.gz, record 2: truncated gzip object" in incomplete
    assert "accept it in accepted_losses.csv with `litellm_prod,2026-09-" in incomplete


def test_nothing_of_a_failed_source_is_half_written(bad: tuple[Path, Result]) -> None:
    folder, _ = bad
    loaded = {"litellm_prod", "openai", "anthropic"}
    states = landing(folder, "select source, status from landing.sources")
    assert {source for source, status in states if status == "failed"} == FAILED.keys()
    assert {source for source, status in states if status == "ok"} == loaded
    assert {source for [source] in landing(folder, "select source from landing.objects")} == loaded
    landed = {file.parts[-3] for file in (folder / "landing").rglob("*.parquet")}
    assert landed == loaded
    assert not list((folder / "bills").rglob("pull.json"))


def test_the_other_sources_are_published_and_exported(bad: tuple[Path, Result]) -> None:
    folder, _ = bad
    files = exported(folder)
    manifest = json.loads(files["2026-09/manifest.json"])
    assert manifest["failed_sources"].keys() == FAILED.keys()
    assert manifest["files"]["showback.csv"]["rows"] > 0
    # a month on lost logs
    assert manifest["status"] == "incomplete"
    assert "truncated.jsonl.gz" in manifest["refused"]["chargeback.csv"]
    assert "2026-09/chargeback.csv" not in files
    accounts = query(folder, "select billing_account from mart_reconciliation_monthly")
    assert len({account for [account] in accounts}) == 2
