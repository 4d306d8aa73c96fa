"""One usage, many tellings: rated by one price list, each form's dollars are the plan's.

Every form is a gateway of one company: on a day of its own, so that nobody takes its calls for
another's, or all of them on one day, where they are the same calls.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from ingestion.workspace.formats import GATEWAYS
from ingestion.workspace.settings import Workspace
from tests.ingestion.gateways.tellings.facts import ASKED, planned
from tests.ingestion.gateways.tellings.forms import FORMS
from tests.ingestion.gateways.tellings.loss import NO_ROW
from tests.ingestion.gateways.tellings.losses import LOSSES
from tests.ingestion.gateways.tellings.pairs import finest, known_as_one, name_of
from tests.ingestion.gateways.tellings.plan import (
    ANSWERED,
    CALLS,
    REFUSED,
    START,
    UNTOLD,
    Call,
    plan,
)
from tests.ingestion.gateways.tellings.rates import METERS, dollars, prices, told_of
from tests.pipeline.compiled_project import CompiledProject
from tests.scenarios.companies import OwnCompany

# In the short form the first calls of the plan, among which is every kind, by one form of each
# format; in the long form all of all.
SOME: Final = 60
PLACES: Final = (
    "attribution:",
    "  feature: ['tag:feature', 'metadata:feature', 'header:x-feature']",
    "  team: ['tag:team', 'metadata:team', 'header:x-team', gateway_team]",
    "",
)
DAY: Final = 24 * 60
Compiled = Callable[[Workspace], CompiledProject]


def later(call: Call, days: int) -> Call:
    """The same use on another day, by calls of their own."""
    number = call.number + CALLS * days
    prefix, _, first = call.call_id.rpartition("-")
    return replace(
        call,
        number=number,
        started=call.started + timedelta(days=days),
        call_id=f"{prefix}-{int(first, 16) + CALLS * days:012x}",
        session=f"{call.session}-{days}",
    )


def write(folder: Path, told: Mapping[str, Sequence[Call]]) -> Path:
    settings = ["company: Tellings", "gateways:"]
    for form, calls in told.items():
        settings.append(f"  - {json.dumps(_entry(form))}")
        logs = folder / name_of(form)
        logs.mkdir()
        for number, part in enumerate(FORMS[form].objects(calls)):
            (logs / f"{number:03}-{FORMS[form].file}").write_bytes(FORMS[form].write(part))
    (folder / "tollbook.yaml").write_text("\n".join((*settings, *PLACES)))
    (folder / "reference").mkdir()
    (folder / "reference" / "prices.csv").write_text(prices())
    return folder


def _entry(form: str) -> Mapping[str, object]:
    said = {"name": name_of(form), "format": FORMS[form].format, "location": name_of(form)}
    url = {"url": "env:DATABASE"} if GATEWAYS[FORMS[form].format].has_database else {}
    return said | url | dict(FORMS[form].options)


@dataclass(frozen=True)
class Told:
    """A company that has the same calls in several forms: on the first day all of them, later each
    form's own on a day.
    """

    calls: Sequence[Call]
    forms: Sequence[str]
    company: OwnCompany

    def seen(self, form: str) -> list[Call]:
        return [call for call in self.calls if FORMS[form].sees(call)]

    def rated(self, *, together: bool) -> Mapping[tuple[str, int], Decimal]:
        """By gateway and call its list cost, 0 where nobody knows what was used."""
        found = self.company.query(
            "select source, started_at, coalesce(list_cost, 0) from fct_requests"
            f" where (usage_date = date '{START:%Y-%m-%d}') = {together}"
        )
        costs = {
            (source, int((at.astimezone(UTC) - START) / timedelta(minutes=1)) % DAY): cost
            for source, at, cost in found
        }
        assert len(costs) == len(found)
        return costs


@pytest.fixture(scope="module", params=[SOME, pytest.param(CALLS, marks=pytest.mark.whole)])
def told(
    request: pytest.FixtureRequest, compiled: Compiled, tmp_path_factory: pytest.TempPathFactory
) -> Told:
    calls = plan()[: request.param]
    firsts = {FORMS[form].format: form for form in reversed(FORMS)}
    forms = [form for form in FORMS if request.param == CALLS or form in firsts.values()]
    seen = {form: [call for call in calls if FORMS[form].sees(call)] for form in forms}
    days = {
        form: [*seen[form], *(later(call, day) for call in seen[form])]
        for day, form in enumerate(forms, start=1)
    }
    company = OwnCompany(compiled, write(tmp_path_factory.mktemp("told"), days))
    return Told(calls, forms, company)


def test_the_first_calls_are_of_every_kind() -> None:
    first, whole = (
        {
            (call.provider, call.model.operation, call.tier, meter)
            for call in calls
            if call.ending == ANSWERED
            for meter, count in call.counts.items()
            if count
        }
        for calls in (plan()[:SOME], plan())
    )
    assert first == whole
    assert {call.ending for call in plan()[:SOME]} == {ANSWERED, REFUSED, UNTOLD}


def test_each_telling_has_the_dollars_of_what_it_tells(told: Told) -> None:
    found = told.rated(together=False)
    for form in told.forms:
        facts = {call.number: told_of(form, call) for call in told.seen(form)}
        due = {
            (name_of(form), call.number): dollars(facts[call.number], call)
            for call in told.seen(form)
            if facts[call.number]["usage"] not in NO_ROW
        }
        assert {key: cost for key, cost in found.items() if key[0] == name_of(form)} == due, form


def test_what_loses_no_meter_and_no_tier_has_the_dollars_of_the_plan(told: Told) -> None:
    found = told.rated(together=False)
    carry = [form for form in told.forms if not LOSSES[form].keys() & {*METERS, "tier", "usage"}]
    assert {"langsmith", "openrouter", "bedrock_invocations", "vertex_logs"} <= {*carry}
    for form in carry:
        planned_costs = (dollars(planned(call), call) for call in told.seen(form))
        told_costs = (cost for (source, _), cost in found.items() if source == name_of(form))
        assert sum(told_costs) == sum(planned_costs), form


def test_all_tellings_together_are_the_calls_of_the_plan(told: Told) -> None:
    """Where they share an id, or start, model and counts; else a telling stays apart."""
    found = told.rated(together=True)
    due = [(call, group) for call in told.calls for group in known_as_one(call, told.forms)]
    assert {(name_of(group[0]), call.number) for call, group in due} == found.keys()
    for call, group in due:
        facts = told_of(group[0], call)
        if facts["usage"] == "told":
            tiers = (tier for form in group if (tier := told_of(form, call)["tier"]))
            served = sorted(tiers, key=lambda tier: tier.startswith(ASKED))
            cost = dollars(finest(group, call), call, next(iter(served), None))
            assert found[name_of(group[0]), call.number] == cost, (group, call)
