"""What each form of a log cannot say: what tests expect of it, and the table in docs/sources.md.

A loss that is none, because the form could say it, is a fault of the reader.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tests.ingestion.gateways.tellings.facts import Facts
from tests.ingestion.gateways.tellings.forms import FORMS
from tests.ingestion.gateways.tellings.litellm import COUNTED_APART, GUESS
from tests.ingestion.gateways.tellings.plan import ANSWERED, UNTOLD, Call

QUARANTINED: Final = "quarantined"
BEGIN: Final = "| the same calls as | their log says nothing of |\n|---|---|\n"


@dataclass(frozen=True)
class Loss:
    """`counted_as`: the meter that has what is lost. `lands`: what lands instead, where it is not
    nothing.
    """

    why: str
    counted_as: str | None = None
    lands: Callable[[Facts, Call], Facts] | None = None


def _guessed(facts: Facts, call: Call) -> Facts:
    if call.ending != UNTOLD:
        return facts
    usage = "estimated" if call.provider in COUNTED_APART else "told"
    counts = {"input": GUESS["prompt_tokens"], "output": GUESS["completion_tokens"]}
    return facts | counts | {"usage": usage}


def _quarantined(facts: Facts, call: Call) -> Facts:
    return facts | ({"usage": QUARANTINED} if call.ending == UNTOLD else {})


def _in_seconds(facts: Facts, call: Call) -> Facts:
    return facts | {"started": call.started.replace(microsecond=0)}


def _of_answers(facts: Facts, call: Call) -> Facts:
    told = call.ending == ANSWERED and call.model.operation == "chat"
    return facts if told else facts | {"latency": None}


def _the_customer(facts: Facts, call: Call) -> Facts:
    return facts | {"user": call.customer}


_GUESS: Final = Loss(
    "a stream that does not tell it: LiteLLM's own guess, which is marked where the provider's"
    " counts would have details (`tokens_estimated`)",
    lands=_guessed,
)
_TABLE: Final = {
    "stream": Loss("no column"),
    "tier": Loss("it stands in the answer, which the table has where the proxy stores it"),
    "usage": _GUESS,
}
_SPANS: Final = {
    "cache_write_1h": Loss("the conventions have one count of writes", "cache_write_5m"),
    "user": Loss("`user.id` is the customer"),
}
_OWN_LOG: Final = {
    "user": Loss("`user_id` is the customer, who stands for the user", lands=_the_customer),
    "usage": Loss(
        "a stream that does not tell it: a line without counts is quarantined", lands=_quarantined
    ),
}
LOSSES: Final[Mapping[str, Mapping[str, Loss]]] = {
    "litellm": {"usage": _GUESS},
    "litellm CSV": _TABLE,
    "litellm_db": _TABLE,
    "generic": _OWN_LOG,
    "generic Parquet": _OWN_LOG,
    "otel": _SPANS,
    "otel protobuf": _SPANS,
    "bedrock_invocations": {
        "started": Loss("whole seconds", lands=_in_seconds),
        "latency": Loss("only answers of Converse, and of streams, tell it", lands=_of_answers),
        "call": Loss("each try is a call of its own"),
        "attempt": Loss("each try is a call of its own"),
        "session": Loss("no field, but `requestMetadata`"),
        "customer": Loss("no field, but `requestMetadata`"),
    },
}


def expected(facts: Facts, call: Call, losses: Mapping[str, Loss]) -> Facts:
    """What a form with these losses can tell of a call."""
    for name, loss in losses.items():
        if loss.lands:
            facts = loss.lands(facts, call)
            continue
        if loss.counted_as:
            facts = facts | {loss.counted_as: facts[loss.counted_as] + facts[name]}
        facts = facts | {name: 0 if isinstance(facts[name], int) and loss.counted_as else None}
    return facts


def table() -> str:
    return BEGIN + "".join(_line(form) for form in FORMS)


def _line(form: str) -> str:
    provider = FORMS[form].of
    others = [f"calls of all but {provider}"] if provider else []
    return f"| `{form}` | {'; '.join([*others, *map(_told, LOSSES[form].items())])} |\n"


def _told(lost: tuple[str, Loss]) -> str:
    name, loss = lost
    counted = f", counts as {loss.counted_as}" if loss.counted_as else ""
    return f"{name}{counted} ({loss.why})"
