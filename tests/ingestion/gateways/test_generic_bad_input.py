"""What cannot be read of an in-house log is quarantined with its place."""

import gzip
import json
from typing import Any

import pytest
from generic_logs import HEADER, RECORDS, SAMPLE, csv_of, one, parquet, read

from ingestion.landing.quarantine import quarantine_rows
from ingestion.records import Parsed, SourceError

BAD_VALUES = {
    "input_token_count": ["", "1.5", "abc", "-1", "1e30"],
    "output_token_count": ["nan"],
    "timestamp": ["", "soon", "1777629600"],
    "model_name": [""],
    "latency": ["fast", "-1"],
}


@pytest.mark.parametrize(
    ("column", "value"), [(column, bad) for column, bads in BAD_VALUES.items() for bad in bads]
)
def test_bad_value_is_one_reject(column: str, value: str) -> None:
    bad = csv_of(**{column: value}).splitlines()[1]
    data = f"{HEADER}\n{SAMPLE}\n\n{bad}\n{SAMPLE}"
    parsed = read(data)
    assert parsed.records == 3
    assert [row["record_no"] for row in parsed.rows["requests"]] == [0, 2]
    (reject,) = parsed.rejects
    assert (reject.field, reject.record_no) == (column, 1)
    assert data[reject.offset or 0 :][: reject.length] == bad


def test_missing_column_is_named_on_every_record() -> None:
    """Scenario 1.1, own proxy log: a missing field is rejected by its name."""
    data = f"{HEADER}\n{SAMPLE}\n{SAMPLE}".replace("model_name", "engine")
    assert [reject.field for reject in read(data).rejects] == ["model_name", "model_name"]
    assert one(
        f"{HEADER}\n{SAMPLE}".replace("model_name", "engine"), columns={"model_name": "engine"}
    )


ENGINES = [{"when": "2026-05-01T10:00:00Z", "engine": "gpt-4o", "read": n} for n in range(600)]
NAMELESS = {
    "Parquet": parquet(ENGINES),
    "CSV": "\n".join(["when,engine,read", *("x,gpt-4o,1" for _ in ENGINES)]),
    "JSON lines": "\n".join(map(json.dumps, ENGINES)),
    "CSV without a header": "\n".join(f"2026-05-01T10:00:00Z,gpt-4o,{n}" for n in range(600)),
}


@pytest.mark.parametrize("kind", NAMELESS)
def test_a_log_without_a_known_column_is_quarantined_record_by_record(kind: str) -> None:
    parsed = read(NAMELESS[kind])
    assert (parsed.records, parsed.rows["requests"], parsed.requests) == (600, [], [])
    assert [reject.record_no for reject in parsed.rejects] == list(range(600))
    assert {(r.field, r.reason, r.option) for r in parsed.rejects} == {
        (
            "timestamp",
            "no such column: name it under `columns`",
            "columns: {timestamp: <what the log calls it>}",
        )
    }


def test_of_a_log_without_a_known_column_the_quarantine_holds_a_bounded_number() -> None:
    told = list(quarantine_rows("log.parquet", read(NAMELESS["Parquet"]), 10))
    assert (len(told), sum(row["records"] for row in told)) == (11, 600)
    assert {row["option"] for row in told[:10]} == {"columns: {timestamp: <what the log calls it>}"}


# one line of something else, and of a log without a header
ALONE = ["hello", "null", '"text"', "123", "a;b\n", SAMPLE, "\0\0", "\ufeffhello\n\n"]


@pytest.mark.parametrize("line", ALONE)
def test_a_line_alone_that_names_no_column_does_not_vanish(line: str) -> None:
    (reject,) = read(line).rejects
    assert (reject.record_no, reject.field) == (0, "timestamp")
    assert read(line).records == 1


def test_broken_lines_cost_themselves_only() -> None:
    lines = [HEADER, SAMPLE, "only,three,fields", SAMPLE.replace("u-123", "ü"), SAMPLE]
    data = "\n".join(lines).encode("latin-1")
    parsed = read(data)
    assert [(r.record_no, r.reason) for r in parsed.rejects] == [
        (1, "3 fields where the header has 8"),
        (2, "not UTF-8"),
    ]
    assert len(parsed.rows["requests"]) == 2


def test_bad_json_lines_cost_themselves_only() -> None:
    good = json.dumps(RECORDS[0])
    parsed = read("\n".join([good, "{", "[1]", '"x"', good]))
    assert [r.reason for r in parsed.rejects] == ["not JSON", *["not a JSON object"] * 2]
    assert len(parsed.rows["requests"]) == 2


def test_empty_and_damaged_objects() -> None:
    for blank in (b"", b" \n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"):
        assert [r.reason for r in read(blank).rejects] == ["empty object"]
    assert read(f"{HEADER}\n") == Parsed(0, {"requests": []})
    assert [r.reason for r in read(parquet(RECORDS)[:-20]).rejects] == ["damaged Parquet"]
    cut = gzip.compress("\n".join([HEADER, *[SAMPLE] * 5000]).encode())[:-60]
    parsed = read(cut)
    assert parsed.rejects[-1].reason == "truncated gzip object"
    assert len(parsed.rows["requests"]) == parsed.records - 1 > 100


@pytest.mark.parametrize(
    "options",
    [
        {"latency_unit": "minutes"},
        {"timezone": "Mars/Base"},
        {"columns": {"colour": "c"}},
        {"columns": ["timestamp"]},
        {"columns": {"timestamp": "a", "started_at": "b"}},
        {"tokens_inclusive_of_cache": "maybe"},
        {"delimiter": "||"},
    ],
)
def test_wrong_options_say_what_to_do(options: dict[str, Any]) -> None:
    with pytest.raises(SourceError, match=f"proxy: wrong `{next(iter(options))}`"):
        read(SAMPLE, **options)


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        (None, "write `timestamp: column`, `timestamp: path.below.a"),
        ({"at": "start"}, "or a list of such"),
        ([], "or a list of such"),
        (["at", ["start"]], "or a list of such"),
        (["at", " "], "`timestamp` has an empty name"),
        (["at", "start", "at"], "`timestamp` has `at` twice"),
    ],
)
def test_what_is_no_column_says_how_one_is_written(said: Any, advice: str) -> None:
    with pytest.raises(SourceError) as refused:
        read(SAMPLE, columns={"timestamp": said})
    assert str(refused.value).startswith("gateway proxy: wrong `columns` in tollbook.yaml: ")
    assert advice in str(refused.value)
