"""Fields that a log holds below a list, or under one of several names."""

import json
from random import Random
from typing import Any, Final

import pytest
from both_ways import RECORDS, Both, assert_equal, both_of, in_columns, log
from generic_logs import one, parquet, read

COLUMNS: Final = {
    "timestamp": ["created_at", "start"],
    "request_id": ["response.id", "id"],
    "model_name": ["response.model", "request.model"],
    "input_token_count": ["response.usage.prompt_tokens", "response.usage.input_tokens"],
    "output_token_count": ["response.usage.completion_tokens", "response.usage.output_tokens"],
    "finish_reason": "response.choices[0].finish_reason",
}
CHAT: Final[dict[str, Any]] = {
    "created_at": "2026-10-05T08:00:00Z",
    "id": "log-1",
    "request": {"model": "gpt-4o"},
    "response": {
        "id": "chatcmpl-1",
        "model": "gpt-4o-2024-08-06",
        "choices": [{"finish_reason": "length"}, {"finish_reason": "stop"}],
        "usage": {"prompt_tokens": 412, "completion_tokens": 87, "total_tokens": 499},
    },
}
RESPONSES: Final[dict[str, Any]] = {
    "start": "2026-10-05T09:00:00Z",
    "id": "log-2",
    "request": {"model": "gpt-5"},
    "response": {"id": "", "usage": {"input_tokens": 90, "output_tokens": 7}},
}


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Both:
    return both_of(monkeypatch)


def as_lines(*records: dict[str, Any]) -> bytes:
    return b"\n".join(json.dumps(record).encode() for record in records)


def as_csv(record: dict[str, Any]) -> bytes:
    cells = [v if isinstance(v, str) else json.dumps(v) for v in record.values()]
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
    return (",".join(record) + "\n" + ",".join(quoted)).encode()


@pytest.mark.parametrize("container", [as_lines, as_csv, lambda record: parquet([record])])
def test_two_shapes_of_one_log_are_read_by_one_map(container: Any) -> None:
    chat, responses = (one(container(each), columns=COLUMNS) for each in (CHAT, RESPONSES))
    assert (chat["request_id"], chat["model_requested"]) == ("chatcmpl-1", "gpt-4o-2024-08-06")
    assert (chat["input_quantity"], chat["output_quantity"]) == (412, 87)
    assert chat["finish_reason"] == "length"
    assert json.loads(chat["raw_usage"]) == {
        "response.usage.prompt_tokens": "412",
        "response.usage.completion_tokens": "87",
    }
    # an id that is empty is none, so the next name is asked
    assert (responses["request_id"], responses["model_requested"]) == ("log-2", "gpt-5")
    assert (responses["input_quantity"], responses["output_quantity"]) == (90, 7)
    assert "response.usage.input_tokens" in json.loads(responses["raw_usage"])


def test_a_name_that_exists_goes_before_a_path() -> None:
    literal = CHAT | {
        "response.choices[0].finish_reason": "content_filter",
        "response.usage.prompt_tokens": 500,
    }
    row = one(as_lines(literal), columns=COLUMNS)
    assert (row["finish_reason"], row["input_quantity"]) == ("content_filter", 500)
    below = {**CHAT, "response": {**CHAT["response"], "choices[0]": {"finish_reason": "tool_use"}}}
    assert one(as_lines(below), columns=COLUMNS)["finish_reason"] == "tool_use"


@pytest.mark.parametrize("path", ["choices.0.finish_reason", "choices[0].finish_reason"])
@pytest.mark.parametrize(
    "choices", [[], None, "stop", [{"finish_reason": None}], {"a": 1}, [["stop"]]]
)
def test_a_path_that_leads_nowhere_is_empty(path: str, choices: Any) -> None:
    record = {**CHAT, "response": {**CHAT["response"], "choices": choices}}
    columns = COLUMNS | {"finish_reason": f"response.{path}"}
    assert one(as_lines(record), columns=columns).get("finish_reason") is None


def test_a_refusal_names_the_column_that_was_read() -> None:
    wrong = {**RESPONSES, "response": {"usage": {"input_tokens": -1, "output_tokens": 7}}}
    (reject,) = read(as_lines(wrong), columns=COLUMNS).rejects
    assert (reject.field, reject.reason) == ("response.usage.input_tokens", "negative")
    (nowhere,) = read(as_lines(CHAT | {"created_at": None}), columns=COLUMNS).rejects
    assert (nowhere.field, nowhere.reason) == ("created_at", "empty")


def test_a_field_of_whose_columns_no_record_has_one_is_told() -> None:
    columns = COLUMNS | {
        "tag:team": ["meta.team", "labels[0]"],
        "region": ["place", "request.model"],
    }
    assert read(as_lines(CHAT), columns=columns).absent == ["`meta.team` or `labels[0]` (tag:team)"]


def nested(seed: int) -> list[dict[str, Any]]:
    said = log(Random(seed))
    return [
        {
            "created_at": said["timestamp"][n].isoformat(),
            "id": said["request_id"][n],
            "tags": [said["feature_tag"][n] or "none"],
            "response": {
                "model": said["model_name"][n],
                "choices": [{"finish_reason": "stop" if n % 3 else "length"}],
                "usage": {
                    "prompt_tokens": said["input_token_count"][n],
                    "completion_tokens": said["output_token_count"][n],
                },
            },
        }
        for n in range(RECORDS)
    ]


def test_nested_lines_are_read_by_columns_and_are_the_rows(both: Both) -> None:
    columns = COLUMNS | {"feature_tag": "tags[0]"}
    by_column, one_by_one = both(as_lines(*nested(1)), columns=columns)
    assert in_columns(by_column) == RECORDS
    assert_equal(by_column, one_by_one)


@pytest.mark.parametrize("seed", range(3))
def test_odd_values_below_a_path_cost_their_own_record(both: Both, seed: int) -> None:
    records = nested(seed)
    for place, odd in enumerate((None, "", -1, 1.5, "12", [], {"a": 1}, True)):
        records[place * 90 + seed]["response"]["usage"]["prompt_tokens"] = odd
        records[place * 90 + 40]["response"] = odd
    by_column, one_by_one = both(as_lines(*records), columns=COLUMNS)
    assert in_columns(by_column) >= RECORDS - 16
    assert_equal(by_column, one_by_one)


def test_a_log_of_two_shapes_is_read_one_by_one(both: Both) -> None:
    records = nested(2)
    for record in records[::2]:
        usage = record["response"]["usage"]
        record["response"]["usage"] = {
            "input_tokens": usage["prompt_tokens"],
            "output_tokens": usage["completion_tokens"],
        }
    by_column, one_by_one = both(as_lines(*records), columns=COLUMNS)
    assert (in_columns(by_column), len(one_by_one.rows["requests"])) == (0, RECORDS)
    assert_equal(by_column, one_by_one)


@pytest.mark.parametrize("names", [["who", "user_id"], ["user_id", "session_id"], ["none"]])
def test_parquet_with_one_or_both_of_two_columns(both: Both, names: list[str]) -> None:
    columns = {"customer_id": names, "gateway_team": ["team.id", "feature_tag"]}
    by_column, one_by_one = both(parquet_of(log(Random(3))), columns=columns)
    assert in_columns(by_column) == (0 if len(names) == 2 and "who" not in names else RECORDS)
    assert_equal(by_column, one_by_one)


def parquet_of(said: dict[str, list[Any]]) -> bytes:
    names = list(said)
    return parquet([dict(zip(names, v, strict=True)) for v in zip(*said.values(), strict=True)])
