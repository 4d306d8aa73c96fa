"""Which tellings of a call are known as one: by an id, else by start and counts (decision 91)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from ingestion.vocabulary import SEEN_FROM
from ingestion.workspace.formats import GATEWAYS
from tests.ingestion.gateways.tellings.forms import FORMS
from tests.ingestion.gateways.tellings.loss import NO_ROW
from tests.ingestion.gateways.tellings.plan import Call
from tests.ingestion.gateways.tellings.rates import told_of

READ: Final = ("input", "cache_read", "cache_write_5m", "cache_write_1h")
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


def alike(one: str, other: str, call: Call) -> bool:
    facts, others = told_of(one, call), told_of(other, call)
    if any(facts[id] and facts[id] == others[id] for id in ("response", "call")):
        return True
    if any({one, other} <= records for records in SAME_RECORDS):
        return True
    counts = [[sum(each[m] for m in READ), each["output"]] for each in (facts, others)]
    near = abs(facts["started"] - others["started"]) <= timedelta(seconds=2)
    return near and counts[0] == counts[1] and sum(counts[0]) > 0
