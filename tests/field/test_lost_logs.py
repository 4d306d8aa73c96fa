"""Months on lost logs, unreadable, cut or absent, are incomplete until a person accepts it.

One company, built twice: every gateway has its own account and bill and lost something else. Then
what was cut or deleted is delivered, and the other losses are accepted.
"""

import gzip
import io
import json
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from orchestration.checks.awaited import ends, stopped_bills, waits_for
from orchestration.checks.month_completeness import losses
from orchestration.checks.unread_records import unread_records
from orchestration.exports.months import refusal
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, call, costs, line, log, write_company

FIRST, LAST = date(2026, 10, 1), date(2026, 11, 10)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
PER_DAY = 5
HEADER = "timestamp,model_name,input_token_count,output_token_count,provider,key,pad"
BAD = {"input_token_count": "many"}
Files = dict[str, str | bytes]
Loss = tuple[str, str, str]


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def between(first: str, last: str) -> list[date]:
    return [each for each in DAYS if day(first) <= each <= day(last)]


def calls(of: date) -> list[dict[str, Any]]:
    """A day's records, each as long as its number says, so that half of them is no whole line."""
    return [
        call(f"{of}T{n:02}:10:00Z", "gpt-4o", 100, provider="openai", key="key", pad="x" * n)
        for n in range(PER_DAY)
    ]


def objects(days: Iterable[date] = DAYS) -> Files:
    return {f"{each}/a.jsonl": log(calls(each)) for each in days}


def without(lost: Iterable[date], days: Iterable[date] = DAYS) -> Files:
    return objects(each for each in days if each not in set(lost))


def bill(days: Iterable[date] = DAYS, key: str = "key") -> list[Any]:
    return [
        line(str(each), "gpt-4o-2024-08-06, input", "1.00", 100 * PER_DAY, key) for each in days
    ]


MIDDLE = day("10-15")
DATA = log(calls(MIDDLE)).encode()
CSV = "\n".join(
    [HEADER, *(",".join(str(c.get(k, "")) for k in HEADER.split(",")) for c in calls(MIDDLE)), ""]
).encode()
ARRAY = json.dumps(calls(MIDDLE)).encode()


def parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(calls(MIDDLE)), sink)
    return sink.getvalue()


# gateway -> an object of 15 October, and how many of its records are whole
CUT: dict[str, tuple[str, bytes, int]] = {
    "cut-gzip": ("a.jsonl.gz", gzip.compress(DATA)[:-12], 4),
    "cut-zstd": ("a.jsonl.zst", zstandard.ZstdCompressor().compress(DATA)[:-30], 0),
    "cut-plain": ("a.jsonl", DATA[: len(DATA) // 2], 2),
    "cut-before-gzip": ("a.jsonl.gz", gzip.compress(DATA[: len(DATA) // 2]), 2),
    "cut-array": ("a.json", ARRAY[: len(ARRAY) // 2], 2),
    "cut-array-over-lines": ("a.json", json.dumps(calls(MIDDLE), indent=1).encode()[:-80], 4),
    "cut-csv": ("a.csv", CSV[: CSV.rindex(b"openai")], 4),
    "cut-record": ("a.json", json.dumps(calls(MIDDLE)[0], indent=1).encode()[:-9], 0),
    "cut-parquet": ("a.parquet", parquet()[:-50], 0),
}
WEEKENDS = [each for each in DAYS if each.weekday() > 4]
EDGE = between("10-30", "11-02")
GONE = between("10-10", "10-20")
# gateway -> the days of its bill and log, all unless said
SPANS = {
    **dict.fromkeys(("deleted", "accepted", "partly"), between("10-08", "10-22")),
    **dict.fromkeys((*CUT, "no-day"), between("10-14", "10-16")),
    **dict.fromkeys(("first", "second"), between("10-09", "10-13")),
    "edge": between("10-29", "11-03"),
    "linked": between("11-04", "11-06"),
    "unreadable": [MIDDLE],
}


def spoilt(name: str, of: date, change: dict[str, Any], count: int = PER_DAY) -> Files:
    """All records in one file without a day in its name; the first of a day are changed."""
    records = [
        c | (change if d == of and n < count else {}) for d in DAYS for n, c in enumerate(calls(d))
    ]
    return {name: log(records)}


# gateway -> its log
LOGS: dict[str, Files] = {
    "whole": objects(),
    "deleted": without(GONE, SPANS["deleted"]),
    "accepted": without(GONE, SPANS["accepted"]),
    "partly": without(GONE, SPANS["partly"]),
    "edge": without(EDGE, SPANS["edge"]),
    "weekends": without(WEEKENDS),
    "first": without(between("10-10", "10-12"), SPANS["first"]),
    "second": objects(between("10-10", "10-12")),
    "one-of-a-day": spoilt("all.jsonl", MIDDLE, BAD, 1),
    "own-time": spoilt("all.jsonl", MIDDLE, BAD),
    "no-time": spoilt("all.jsonl", day("11-05"), {"timestamp": "yesterday"}),
    "no-day": without([MIDDLE], SPANS["no-day"]) | {"x.jsonl": b'{"timestamp": '},
    "unreadable": {"a.csv": CSV.replace(b"timestamp", b"time")},
    "many": objects() | {"2026-10-15/b.jsonl": log([c | BAD for c in calls(MIDDLE) * 4])},
    **{
        name: without([MIDDLE], SPANS[name]) | {f"2026-10-15/{file}": data}
        for name, (file, data, _) in CUT.items()
    },
}
# gateway -> days and reason of what makes its months incomplete
LOST: dict[str, list[Loss]] = {
    "deleted": [("silent_days", "10-10", "10-20")],
    "partly": [("silent_days", "10-18", "10-20")],
    "edge": [("silent_days", "10-30", "10-31"), ("silent_days", "11-01", "11-02")],
    "one-of-a-day": [("unreadable_days", "10-15", "10-15")],
    "own-time": [("unreadable_records", "10-15", "10-15")],
    "no-time": [("unreadable_records", "11-04", "11-06")],
    "no-day": [("cut_objects", "10-15", "10-15"), ("silent_days", "10-15", "10-15")],
    "unreadable": [("no_readable_record", "10-15", "10-15")],
    "many": [("unreadable_records", "10-15", "10-15")],
    "linked": [("cut_objects", "11-05", "11-05")],
    **{name: [("cut_objects", "10-15", "10-15")] for name in CUT},
}
ACCEPTED = "accepted,2026-10-10,2026-10-21,cfo,disk died\npartly,2026-10-10,2026-10-18,cfo,disk\n"


def settings() -> str:
    """A gateway and a bill of each name; the bill of `second` is that of `first`."""
    gateways = "".join(
        f"  - {{name: {name}, format: generic, location: logs/{name},"
        f" account: org-{'first' if name == 'second' else name},"
        " columns: {credential_hint: key}}\n"
        for name in [*LOGS, "linked"]
    )
    bills = "".join(
        f"  - {{name: bill-{name}, format: openai, account: org-{name}, location: bills/{name}}}\n"
        for name in [*LOGS, "linked"]
        if name != "second"
    )
    return f"company: Lost\nquarantine_max_records: 6\ngateways:\n{gateways}bills:\n{bills}"


def bill_of(name: str) -> list[Any]:
    if name == "weekends":
        # on one weekend somebody else's key, on one day a cent
        few = line(str(WEEKENDS[2]), "gpt-4o-2024-08-06, input", "0.01", 5)
        return [
            *bill(each for each in DAYS if each not in WEEKENDS),
            *bill(WEEKENDS[:2], "another"),
            few,
        ]
    return bill(SPANS.get(name, DAYS))


def write_log(folder: Path, name: str, files: Files) -> None:
    for file, content in files.items():
        path = folder / "logs" / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder = tmp_path_factory.mktemp("lost")
    names = [name for name in [*LOGS, "linked"] if name != "second"]
    files = {f"bills/{name}/costs.json": costs(*bill_of(name)) for name in names}
    header = "gateway,from,to,by,reason\n"
    write_company(folder, files | {"reference/accepted_losses.csv": header + ACCEPTED}, settings())
    for name, logged in LOGS.items():
        write_log(folder, name, logged)
    write_log(folder, "linked", objects(SPANS["linked"]))
    (folder / "logs" / "linked" / "2026-11-05" / "b.jsonl").symlink_to("nowhere")
    return Company(project, folder)


def lost(company: Company) -> dict[str, list[Loss]]:
    found: dict[str, list[Loss]] = {}
    for gateway, *loss in company.query(
        "select gateway, reason, strftime(first_day, '%m-%d'), strftime(last_day, '%m-%d')"
        " from mart_month_completeness where is_incomplete order by all"
    ):
        found.setdefault(gateway, []).append(tuple(loss))
    return found


def test_each_gateway_that_lost_logs_makes_its_months_incomplete(company: Company) -> None:
    assert lost(company) == LOST
    assert company.query(
        "select distinct billing_month, status from mart_chargeback_monthly order by all"
    ) == [(FIRST, "incomplete"), (day("11-01"), "incomplete")]


def test_what_stands_before_a_cut_lands(company: Company) -> None:
    found = company.query(
        "select source, object, record, extent, records from mart_quarantine"
        " where source like 'cut-%' order by all"
    )
    assert found == sorted(
        (name, f"2026-10-15/{file}", whole, "object" if "parquet" in name else "rest", 1)
        for name, (file, _, whole) in CUT.items()
    )
    landed = company.query(
        "select source, count(*) from fct_requests where usage_date = date '2026-10-15'"
        " and source like 'cut-%' group by source"
    )
    assert dict(landed) == {name: whole for name, (_, _, whole) in CUT.items() if whole}


def test_the_reason_says_what_is_lost_how_much_money_and_what_to_do(company: Company) -> None:
    reason = refusal(company.connection, FIRST, "incomplete")
    for sentence in (
        "2026-10 is incomplete: cut-array: objects that cannot be read to their end, 1; the first:"
        " 2026-10-15/a.json, record 2: truncated object",
        "deleted: no record on 11 days between days with records, though the bill charges its keys"
        " or models on them, more than 1 % of an account's month: deliver the objects of those days"
        " (no request explains 11.00 USD billed on its keys and models on those days)",
        "`deleted,2026-10-10,2026-10-21,<who>,<why>`",
        "one-of-a-day: 1 of 5 records of a day cannot be read, more than 1 %; the first:"
        " all.jsonl, record 70, input_token_count a text of 4 characters: not a number",
        "unreadable: none of its 5 records can be read; the first: a.csv, record 0, timestamp: no"
        " such column: name it under `columns`: columns: {timestamp: <what the log calls it>}",
    ):
        assert sentence in reason


def test_an_accepted_loss_is_told_with_its_dollars(company: Company) -> None:
    accepted = losses(company.connection, accepted=True)[FIRST]
    told = {loss.gateway: loss.told("USD") for loss in accepted}
    assert told == {
        "accepted": "accepted: lost logs accepted by cfo: disk died (no request explains 11.00 USD"
        " billed on its keys and models on those days)",
        "partly": "partly: lost logs accepted by cfo: disk (no request explains 8.00 USD billed on"
        " its keys and models on those days)",
    }


def test_the_first_record_of_each_kind_is_told_with_how_many(company: Company) -> None:
    told = unread_records(company.connection)
    assert (
        "no-time: 5 records cannot be read, the first: all.jsonl, record 175, timestamp a text of 9"
        " characters: not a time: timestamp_format (it is iso): iso, epoch_s, epoch_ms, epoch_us or"
        " a strptime format"
    ) in told
    assert "linked: 1 record cannot be read, the first: 2026-11-05/b.jsonl, record 0: no such" in (
        "\n".join(told)
    )


def test_beyond_a_bound_rejects_of_an_object_are_counted_in_one_row(company: Company) -> None:
    assert company.query(
        "select record, records from mart_quarantine where source = 'many' order by record"
    ) == [*((n, 1) for n in range(6)), (6, 14)]
    assert company.query(
        "select records_read, records_landed, records_quarantined from mart_data_quality_daily"
        " where day = date '2026-10-15' and source = 'many'"
    ) == [(25, 5, 20)]


def test_what_is_delivered_or_accepted_makes_its_months_complete_again(
    company: Company,
) -> None:
    """And what cannot be opened is read once, until it can be, or is taken out."""
    batches = company.folder / "landing" / "batches"
    before = len(list(batches.iterdir()))
    write_log(company.folder, "deleted", objects(GONE))
    write_log(company.folder, "cut-plain", {"2026-10-15/a.jsonl": DATA})
    (company.folder / "logs" / "linked" / "2026-11-05" / "b.jsonl").unlink()
    rest = set(LOST) - {"deleted", "cut-plain", "linked", "edge"}
    accepting = [
        line
        for [line] in company.query("select distinct accepting_line from mart_month_completeness")
        if line and line.partition(",")[0] in rest
    ]
    with (company.folder / "reference" / "accepted_losses.csv").open("a") as file:
        file.writelines(f"{line}\n" for line in accepting)
    company.build()
    assert len(list(batches.iterdir())) == before + 3
    assert lost(company) == {"edge": LOST["edge"]}


def test_a_bill_that_stopped_while_logs_go_on_is_told(
    project: CompiledProject, tmp_path: Path
) -> None:
    text = (
        "company: S\ngateways: [{name: proxy, format: generic, location: logs}]\n"
        "bills: [{name: openai, format: openai, account: org, location: openai}]\n"
    )
    write_company(tmp_path, {"openai/c.json": costs(*bill(between("10-01", "11-06"), None))}, text)
    write_log(tmp_path, "", objects())
    company = Company(project, tmp_path)
    assert stopped_bills(ends(company.connection)) == [
        "openai org: its bill ends on 2026-11-06, its logs go on until 2026-11-10: pull or save the"
        " bill of the days since then"
    ]
    assert lost(company) == {}
    assert waits_for(company.connection, day("11-01"), "USD") == [
        "the bill of openai org, which ends on 2026-11-06 (estimated: 0.01 USD)",
        "the invoice of openai org in invoices.csv",
    ]
