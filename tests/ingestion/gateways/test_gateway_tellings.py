"""One usage, many tellings: the same 1,000 calls in the forms of several formats."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ingestion.records import NO_REQUEST, Parsed, Row
from ingestion.workspace.formats import GATEWAYS, gateway_reader
from ingestion.workspace.settings import Gateway
from tests.ingestion.gateways.tellings.facts import landed, planned
from tests.ingestion.gateways.tellings.forms import FORMS, NOT_TOLD, Form
from tests.ingestion.gateways.tellings.losses import LOSSES, QUARANTINED, expected, table
from tests.ingestion.gateways.tellings.plan import CALLS, START, Call, plan

SOURCES = Path(__file__).parents[3] / "docs" / "sources.md"


def calls_of(form: Form) -> list[Call]:
    return [call for call in plan() if form.of in (None, call.provider)]


def read(form: Form, calls: list[Call]) -> Parsed:
    gateway = Gateway("told", form.format, "/logs", dict(form.options))
    return gateway_reader(form.format).read_object(form.write(calls), form.file, gateway)


def rows_by_call(parsed: Parsed) -> Mapping[int, Row]:
    """Each call starts in a minute of its own."""
    rows: list[Row] = list(parsed.rows.get("requests", []))
    rows += [NO_REQUEST | row for table in parsed.requests for row in table.to_pylist()]
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


def test_every_format_is_told_or_named_as_not_told_yet() -> None:
    told = {form.format for form in FORMS.values()}
    assert told | NOT_TOLD == GATEWAYS.keys()
    assert not told & NOT_TOLD
    assert FORMS.keys() == LOSSES.keys()


@pytest.mark.parametrize("name", FORMS)
def test_a_form_says_all_of_each_call_but_what_is_named_as_lost(name: str) -> None:
    form, losses = FORMS[name], LOSSES[name]
    calls = calls_of(form)
    due = {call.number: expected(planned(call), call, losses) for call in calls}
    quarantined = {number for number, facts in due.items() if facts["usage"] == QUARANTINED}
    parsed = read(form, calls)
    rows = rows_by_call(parsed)
    assert (len(parsed.rejects), parsed.foreign) == (len(quarantined), 0)
    assert rows.keys() == due.keys() - quarantined
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
