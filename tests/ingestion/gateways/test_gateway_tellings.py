"""One usage, many tellings: the same 1,000 calls in the forms of every format."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ingestion.records import NO_REQUEST, Parsed, Row
from ingestion.workspace.formats import GATEWAYS, gateway_reader
from ingestion.workspace.named_places import BY_DEFAULT, NamedPlaces
from ingestion.workspace.sources import Gateway
from tests.ingestion.gateways.tellings.facts import landed, planned
from tests.ingestion.gateways.tellings.forms import FORMS, Form
from tests.ingestion.gateways.tellings.loss import NO_ROW, QUARANTINED, expected
from tests.ingestion.gateways.tellings.losses import LOSSES, table
from tests.ingestion.gateways.tellings.plan import CALLS, START, Call, plan

SOURCES = Path(__file__).parents[3] / "docs" / "sources.md"
NAMED = NamedPlaces((*BY_DEFAULT, "header:x-feature", "header:x-team"), "/none")


def calls_of(form: Form) -> list[Call]:
    return [call for call in plan() if form.sees(call)]


def read(form: Form, calls: list[Call]) -> list[Parsed]:
    gateway = Gateway("told", form.format, "/logs", dict(form.options), named=NAMED)
    reader = gateway_reader(form.format)
    return [
        reader.read_object(form.write(told), form.file, gateway) for told in form.objects(calls)
    ]


def rows_by_call(objects: list[Parsed]) -> Mapping[int, Row]:
    """Each call starts in a minute of its own."""
    rows: list[Row] = [row for parsed in objects for row in parsed.rows.get("requests", [])]
    tables = [table for parsed in objects for table in parsed.requests]
    rows = [NO_REQUEST | row for row in (*rows, *(row for t in tables for row in t.to_pylist()))]
    found = {int((row["started_at"] - START).total_seconds() // 60): row for row in rows}
    assert len(found) == len(rows)
    return found


def test_the_plan_has_every_kind_of_call() -> None:
    kinds = {(call.ending, call.model.operation, call.attempt > 1) for call in plan()}
    assert len(plan()) == CALLS
    assert {ending for ending, _, _ in kinds} == {"answered", "refused", "untold"}
    assert {(operation, again) for _, operation, again in kinds} == {
        (operation, again) for operation in ("chat", "embeddings") for again in (True, False)
    }
    used = {meter for call in plan() for meter, count in call.counts.items() if count}
    assert used == {
        *("input", "cache_read", "cache_write_5m", "cache_write_1h", "output"),
        *("reasoning", "web_searches"),
    }


def test_every_format_is_told() -> None:
    # counters tell no call
    logs = {name for name, known in GATEWAYS.items() if not known.counts}
    assert {form.format for form in FORMS.values()} == logs
    assert list(FORMS) == list(LOSSES)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_says_all_of_each_call_but_what_is_named_as_lost(name: str) -> None:
    form, losses = FORMS[name], LOSSES[name]
    calls = calls_of(form)
    due = {call.number: expected(planned(call), call, losses) for call in calls}
    objects = read(form, calls)
    rows = rows_by_call(objects)
    is_due = {number: facts["usage"] for number, facts in due.items()}
    rejects = sum(len(parsed.rejects) for parsed in objects)
    assert rejects == list(is_due.values()).count(QUARANTINED)
    assert rows.keys() == {number for number, usage in is_due.items() if usage not in NO_ROW}
    wrong: list[tuple[int, str, Any, Any]] = []
    for call in calls:
        if call.number in rows:
            facts = landed(rows[call.number], call)
            differing = [fact for fact in facts if facts[fact] != due[call.number][fact]]
            wrong += [(call.number, f, due[call.number][f], facts[f]) for f in differing]
    assert wrong == []


@pytest.mark.parametrize("name", FORMS)
def test_what_is_named_as_lost_is_lost_of_some_call(name: str) -> None:
    calls = calls_of(FORMS[name])
    for fact, loss in LOSSES[name].items():
        assert any(
            expected(planned(call), call, {fact: loss}) != planned(call) for call in calls
        ), fact


def test_the_table_of_docs_is_that_of_the_tests() -> None:
    assert table() in SOURCES.read_text()
