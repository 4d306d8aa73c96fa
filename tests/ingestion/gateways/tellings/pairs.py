"""Which tellings of a call are known as one: by an id, else by start and counts (decision 91)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from ingestion.vocabulary import SEEN_FROM
from ingestion.workspace.formats import GATEWAYS
from tests.ingestion.gateways.tellings.facts import Facts
from tests.ingestion.gateways.tellings.forms import FORMS
from tests.ingestion.gateways.tellings.loss import NO_ROW
from tests.ingestion.gateways.tellings.plan import Call
from tests.ingestion.gateways.tellings.rates import told_of

WRITTEN: Final = ("cache_write_5m", "cache_write_1h")
READ: Final = ("input", "cache_read", *WRITTEN)
# Forms of the same records, whose own ids are the same.
SAME_RECORDS: Final = (
    {"litellm", "litellm CSV", "litellm_db"},
    {"generic", "generic Parquet"},
    {"otel", "otel protobuf"},
    # Phoenix has the spans that a collector has, too
    {"otel of OpenInference", "phoenix"},
    {"langfuse", "langfuse CSV", "langfuse Parquet"},
    {"langsmith", "langsmith Parquet"},
    {"helicone", "helicone rows"},
    {"claude_code", "claude_code transcripts"},
)


def name_of(form: str) -> str:
    """Of its gateway."""
    return form.lower().replace(" ", "-")


def seen_from(form: str) -> int:
    return SEEN_FROM.index(GATEWAYS[FORMS[form].format].seen_from)


def known_as_one(call: Call, told: Sequence[str]) -> list[list[str]]:
    """The forms that tell the call, in groups that know each other; the first of each stands.

    Whom a form is known by is the first before it: one that only a later form knows stays apart.
    """
    groups: list[list[str]] = []
    for form in sorted(told, key=lambda form: (seen_from(form), name_of(form))):
        if not FORMS[form].sees(call) or told_of(form, call)["usage"] in NO_ROW:
            continue
        known = ((other, group) for group in groups for other in group if alike(form, other, call))
        first = min(known, key=lambda each: (seen_from(each[0]), name_of(each[0])), default=None)
        if first:
            first[1].append(form)
        else:
            groups.append([form])
    return groups


def finest(group: Sequence[str], call: Call) -> Facts:
    """What the first tells, split as finely as any of the group does (decision 109)."""
    facts = told_of(group[0], call)
    same = [other for form in group if sides(other := told_of(form, call)) == sides(facts)]
    reads = max(same, key=lambda other: other["cache_read"] + sum(other[m] for m in WRITTEN))
    writes = max(same, key=lambda other: other["cache_write_1h"])
    searches = max(other["web_searches"] for other in same)
    split = {meter: reads[meter] for meter in ("input", "cache_read")}
    return facts | split | {m: writes[m] for m in WRITTEN} | {"web_searches": searches}


def sides(facts: Facts) -> list[int]:
    return [sum(facts[meter] for meter in READ), facts["output"]]


def alike(one: str, other: str, call: Call) -> bool:
    facts, others = told_of(one, call), told_of(other, call)
    if any(facts[id] and facts[id] == others[id] for id in ("response", "call")):
        return True
    if any({one, other} <= records for records in SAME_RECORDS):
        return True
    near = abs(facts["started"] - others["started"]) <= timedelta(seconds=2)
    return near and sides(facts) == sides(others) and sum(sides(facts)) > 0
