"""Which records are one request: by ids and start in one sink, one to one between two sinks."""

import copy
import json
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.field.litellm_calls import logged
from tests.ingestion.gateways.litellm_logs import batches, objects, spendlogs
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import Company, costs, line, write_company

NOON = "2026-10-08T12:00:00"
Record = dict[str, Any]
# object -> its records
Log = dict[str, list[Record]]


def usage(tokens: int) -> dict[str, int]:
    return {"prompt_tokens": tokens, "completion_tokens": 0, "total_tokens": tokens}


def put(name: str, at: str = NOON, tokens: int = 1000, **fields: Any) -> Record:
    """A log object, of call `c-<name>` unless said otherwise."""
    return logged(name, f"{at}Z", usage(tokens), **{"litellm_call_id": f"c-{name}", **fields})


def stored(name: str, at: str = NOON, tokens: int = 1000, **fields: Any) -> Record:
    """A row of LiteLLM_SpendLogs."""
    start = datetime.fromisoformat(at)
    return {
        "request_id": name,
        "litellm_call_id": f"c-{name}",
        "call_type": "acompletion",
        "api_key": "h-1",
        "status": "success",
        "custom_llm_provider": "openai",
        "startTime": start.isoformat(),
        "endTime": (start + timedelta(seconds=1.5)).isoformat(),
        "model": "gpt-4o-2024-08-06",
        "model_id": "dep-1",
        "spend": 0.001,
        "metadata": json.dumps({"usage_object": usage(tokens)}),
        **usage(tokens),
        **fields,
    }


def failed(record: Record) -> Record:
    none = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    return record | {"status": "failure", "response_cost": 0, "spend": 0} | none


def nameless(record: Record) -> Record:
    names = ("id", "request_id") if "id" in record else ("request_id",)
    return record | dict.fromkeys(names[:1], "") | {"litellm_call_id": None}


def generic(at: str, tokens: int, **columns: Any) -> Record:
    return {
        "timestamp": f"{at}Z",
        "model_name": "gpt-4o",
        "provider": "openai",
        "input_token_count": tokens,
        "output_token_count": 0,
        **columns,
    }


def shifted(rows: Iterable[Record], change: Callable[[datetime, int], datetime]) -> list[Record]:
    """Rows of the table with other starts."""
    return [
        row | {"startTime": change(datetime.fromisoformat(row["startTime"]), number).isoformat()}
        for number, row in enumerate(rows)
    ]


def milliseconds(at: datetime, number: int = 0) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def moved(at: datetime, number: int) -> datetime:
    """By up to 60 ms, to either side."""
    return milliseconds(at + timedelta(milliseconds=(number * 37) % 121 - 60))


def real(rows: list[Record]) -> Log:
    """The objects that a real proxy wrote, and the rows of its table."""
    written = {key: [one] for key, one in objects().items() if "-sdk/" not in key}
    return {Path(key).name: records for key, records in written.items()} | {"rows.jsonl": rows}


def real_batches(rows: list[Record]) -> Log:
    written = {
        f"b{number}": [json.loads(line) for line in text.splitlines() if line.strip()]
        for number, text in enumerate(batches().values())
    }
    return written | {"rows.jsonl": rows}


BATCHED = "llm-gateway-logs-batched"
HIT = "_cache_hit1791373200.5"
# kind: its log, and the tokens of each request that must come of it
CASES: dict[str, tuple[Log, list[int]]] = {
    # one sink: ids and start
    "reused_call": (
        {
            f"e{hour}": [put("job", f"2026-10-08T1{hour}:00:00", tokens, litellm_call_id="job")]
            for hour, tokens in enumerate((1000, 2000, 500))
        },
        [500, 1000, 2000],
    ),
    "reused_call_in_one_object": (
        {"e": [put("job", f"{NOON}.{ms:03}", 1 + ms) for ms in (0, 1, 900)]},
        [1, 2, 901],
    ),
    "reused_across_midnight": (
        {"e": [put("job", at, 7) for at in ("2026-10-08T23:59:59.999", "2026-10-09T00:00:00")]},
        [7, 7],
    ),
    "replayed": ({"a": [put("x")], "b": [put("x"), put("y")]}, [1000, 1000]),
    "corrected": ({"a": [put("x", tokens=900)], "b": [put("x", tokens=1000)]}, [1000]),
    "corrected_in_one_object": ({"a": [put("x", tokens=1000), put("x", tokens=900)]}, [1000]),
    "usage_came_later": ({"a": [failed(put("x", tokens=0))], "b": [put("x")]}, [1000]),
    "reused_rows": (
        {"r": [stored("job", f"2026-10-08T1{hour}:00:00", hour + 1) for hour in range(3)]},
        [1, 2, 3],
    ),
    # two sinks: one to one
    "both_sinks": ({"a": [put("x")], "r": [stored("x")]}, [1000]),
    "other_response_id": (
        {"a": [put("resp_x", litellm_call_id="c")], "r": [stored("x", litellm_call_id="c")]},
        [1000],
    ),
    "no_call_id": ({"a": [put("x")], "r": [stored("x", litellm_call_id=None)]}, [1000]),
    "named_by_call": (
        {"a": [put("x", litellm_call_id="c")], "r": [stored("c", litellm_call_id=None)]},
        [1000],
    ),
    "milliseconds_apart": ({"a": [put("x")], "r": [stored("x", f"{NOON}.412")]}, [1000]),
    "a_second_apart": ({"a": [put("x")], "r": [stored("x", "2026-10-08T12:00:01")]}, [1000]),
    "more_than_a_second_apart": (
        {"a": [put("x")], "r": [stored("x", "2026-10-08T12:00:01.001")]},
        [1000, 1000],
    ),
    "other_tokens": ({"a": [put("x", tokens=3)], "r": [stored("x", tokens=4)]}, [3]),
    "across_midnight": (
        {
            "a": [put("x", "2026-10-08T23:59:59.900")],
            "r": [stored("x", "2026-10-09T00:00:00.100")],
        },
        [1000],
    ),
    "nearest_first": (
        {
            "a": [put("job", f"{NOON}.{ms}", 1) for ms in ("000", "400")],
            "r": [stored("job", f"{NOON}.{ms}", 2) for ms in ("150", "410", "800")],
        },
        [1, 1, 2],
    ),
    "one_sink_lacks_some": (
        {
            "a": [put(name, tokens=1) for name in "abc"],
            "r": [stored(name, tokens=2) for name in "bcd"],
        },
        [1, 1, 1, 2],
    ),
    "hits_of_one_response": (
        {
            "a": [
                put("x", tokens=5),
                put(f"x{HIT}", f"{NOON}.500", litellm_call_id="h1", cache_hit=True),
                put(f"x{HIT}1", f"{NOON}.700", litellm_call_id="h2", cache_hit=True),
            ],
            "r": [
                stored("x", f"{NOON}.001", 5),
                stored("x", f"{NOON}.502", litellm_call_id=None, cache_hit="True"),
                stored(f"x{HIT}1", f"{NOON}.7", litellm_call_id="h2", cache_hit="True"),
            ],
        },
        [0, 0, 5],
    ),
    "rescued_attempt": (
        {
            "a": [
                failed(put("c", litellm_call_id="c")),
                put("x", f"{NOON}.3", litellm_call_id="c"),
            ],
            "r": [stored("x", f"{NOON}.300", litellm_call_id="c")],
        },
        [0, 1000],
    ),
    "success_that_one_sink_lost": (
        {
            "a": [failed(put("c", litellm_call_id="c"))],
            "r": [stored("x", f"{NOON}.300", litellm_call_id="c")],
        },
        [0, 1000],
    ),
    # without ids
    "nameless_in_one_object": ({"a": [nameless(put("x"))] * 2}, [1000, 1000]),
    "nameless_delivered_twice": (
        {name: [nameless(put("x")), nameless(put("x"))] for name in ("a", "copy/b", "c")},
        [1000, 1000],
    ),
    "nameless_in_two_sinks": (
        {
            "a": [nameless(put("x", tokens=n)) for n in (1, 2)],
            "r": [nameless(stored("x", f"{NOON}.02", 2)), nameless(stored("x", f"{NOON}.03", 1))],
        },
        [1, 2],
    ),
    "nameless_of_two_keys": (
        {"a": [nameless(put("x"))], "r": [nameless(stored("x")) | {"api_key": "h-2"}]},
        [1000, 1000],
    ),
    # what a real proxy wrote
    "real": (real(spendlogs()), []),
    "real_ms": (real(shifted(spendlogs(), milliseconds)), []),
    "real_moved": (real(shifted(spendlogs(), moved)), []),
    "real_batched": (real_batches(spendlogs(BATCHED)), []),
    "real_batched_ms": (real_batches(shifted(spendlogs(BATCHED), milliseconds)), []),
}
GENERIC: dict[str, tuple[Log, list[int]]] = {
    "own_ids": (
        {
            "a": [generic(NOON, 1, request_id="r"), generic(f"{NOON}.5", 2, request_id="r")],
            "b": [generic(NOON, 4, request_id="r"), generic(NOON, 8, request_id="r", call_id="c")],
        },
        [2, 4, 8],
    ),
    "own_attempts": (
        {"a": [generic(NOON, tokens, request_id="r", attempt=tokens) for tokens in (1, 2)]},
        [1, 2],
    ),
    "own_without_ids": (
        {
            "a": [generic(NOON, 3), generic(NOON, 3)],
            "other": [generic(NOON, 3)],
            "z/copy": [generic(NOON, 3), generic(NOON, 3)],
        },
        [3, 3, 3],
    ),
    "own_again": ({"a": [generic(NOON, 3, request_id="r")]}, [3]),
}  # fmt: skip
ALL = CASES | GENERIC
REAL = {"real": 58, "real_ms": 58, "real_moved": 58, "real_batched": 7, "real_batched_ms": 7}
# records that say something else than the one that stands
FOLDED = {"corrected": 1, "corrected_in_one_object": 1, "usage_came_later": 1, "own_ids": 1}


def files(log: Log, name: str) -> dict[str, str]:
    return {
        f"logs/{name}/{key}": "".join(json.dumps(record) + "\n" for record in records)
        for key, records in log.items()
    }


def settings() -> str:
    columns = "columns: {attempt_no: attempt, call_id: call_id}"
    sources = "".join(
        [f"  - {{name: {name}, format: litellm, location: logs/{name}}}\n" for name in CASES]
        + [
            f"  - {{name: {name}, format: generic, location: logs/{name}, {columns}}}\n"
            for name in GENERIC
        ]
    )
    return f"company: Identity\ntimezone: Europe/Berlin\ngateways:\n{sources}bills: []\n"


@pytest.fixture(scope="module")
def company(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Each kind is a gateway of its own."""
    logs: dict[str, str] = {}
    for name, (log, _) in ALL.items():
        logs |= files(log, name)
    folder: Path = tmp_path_factory.mktemp("identity")
    return Company(project, write_company(folder, logs, settings()))


def tokens(company: Company, source: str) -> list[int]:
    found = company.query(f"select input_quantity from fct_requests where source = '{source}'")
    return sorted(quantity or 0 for [quantity] in found)


@pytest.mark.parametrize("name", sorted(ALL.keys() - REAL.keys()))
def test_records_become_requests(company: Company, name: str) -> None:
    assert tokens(company, name) == ALL[name][1]


@pytest.mark.parametrize(("name", "requests"), REAL.items())
def test_two_sinks_of_a_real_proxy_are_its_requests(
    company: Company, name: str, requests: int
) -> None:
    """Whatever the table says of their starts, the log objects of all of them stand."""
    written = f"select {{}} from landing.requests where source = '{name}' and evidence_rank = 2"
    counted = "count(*), sum(input_quantity), sum(output_quantity), sum(gateway_cost)"
    found = company.query(f"select {counted} from fct_requests where source = '{name}'")
    assert found == company.query(written.format(counted))
    assert found[0][0] == requests


def test_requests_of_two_gateways_are_two(company: Company) -> None:
    """Both have a record of these ids and start: a sink is of one source."""
    requests = "select count(*) from fct_requests where request_id = 'x' and source in {}"
    assert company.value(requests.format(("replayed", "usage_came_later"))) == 2


def test_folding_records_that_differ_is_counted(company: Company) -> None:
    found = dict(
        company.query(
            "select source, sum(records_folded) from mart_data_quality_daily"
            " group by source having sum(records_folded) > 0"
        )
    )
    assert found == FOLDED
    read, kept, duplicate = company.query(
        "select sum(records_landed), (select count(*) from fct_requests), sum(records_duplicate)"
        " from mart_data_quality_daily"
    )[0]
    assert read == kept + duplicate


TOLD = (
    "select source, usage_date, request_key, request_id, started_at, input_quantity, attributes"
    " from fct_requests order by all"
)


@pytest.mark.parametrize("backwards", [False, True])
def test_the_order_of_arrival_decides_nothing(
    company: Company, project: CompiledProject, tmp_path: Path, backwards: bool
) -> None:
    """Objects that arrive in two loads, each half first, end as those that arrived at once."""
    logs: dict[str, str] = {}
    for name, (log, _) in ALL.items():
        logs |= files(copy.deepcopy(log), name)
    names = sorted(logs, reverse=backwards)
    first = {name: logs[name] for name in names[::2]}
    first |= {f"logs/{name}/.keep": "" for name in ALL}
    late = Company(project, write_company(tmp_path, first, settings()))
    write_company(tmp_path, logs, settings())
    late.build()
    assert late.query(TOLD) == company.query(TOLD)


def test_a_pair_across_midnight_is_of_the_day_of_the_log_object(company: Company) -> None:
    days = "select usage_date from fct_requests where source = 'across_midnight'"
    assert company.query(days) == [(date(2026, 10, 8),)]


def test_each_call_of_a_reused_id_has_its_part_of_the_bill(
    project: CompiledProject, tmp_path: Path
) -> None:
    """field/03 and decision 37: three embeddings of one call id, a bill of 0.07."""
    model = {"model": "text-embedding-3-small", "model_group": "text-embedding-3-small"}
    calls = {
        f"logs/e{hour}": json.dumps(
            put("nightly-job", f"2026-10-07T1{hour}:00:00", tokens, request_tags=[f"team:{team}"])
            | {"litellm_call_id": "nightly-job", **model}
        )
        for hour, (team, tokens) in enumerate(
            [("search", 1_000_000), ("ads", 2_000_000), ("ads", 500_000)]
        )
    }
    words = "text-embedding-3-small, input"
    bill = {"bill/c.json": costs(line("2026-10-07", words, "0.07", 3_500_000, "key_a"))}
    company = Company(
        project,
        write_company(
            tmp_path,
            calls | bill,
            "company: Reused\ntimezone: Europe/Berlin\n"
            "gateways: [{name: gw, format: litellm, location: logs}]\n"
            "bills: [{name: openai, format: openai, account: org-x, location: bill}]\n",
        ),
    )
    assert company.by("team") == {"ads": Decimal("0.05"), "search": Decimal("0.02")}
