"""What a telling loses of a call: why, and what lands instead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tests.ingestion.gateways.tellings.facts import ASKED, COUNTS, QUANTITIES, Facts
from tests.ingestion.gateways.tellings.litellm import COUNTED_APART, GUESS
from tests.ingestion.gateways.tellings.plan import ANSWERED, REFUSED, UNTOLD, Call
from tests.ingestion.gateways.tellings.proxies import BESIDE

# As `usage` of a call that is no row: its record is quarantined, or there is none.
QUARANTINED: Final = "quarantined"
ABSENT: Final = "absent"
NO_ROW: Final = (QUARANTINED, ABSENT)


@dataclass(frozen=True)
class Loss:
    """`counted_as`: the meter that has what is lost. `lands`: what lands instead, where it is not
    nothing.
    """

    why: str
    counted_as: str | None = None
    lands: Callable[[Facts, Call], Facts] | None = None


def expected(facts: Facts, call: Call, losses: Mapping[str, Loss]) -> Facts:
    """What a form with these losses can tell of a call."""
    for name, loss in losses.items():
        if loss.lands:
            facts = loss.lands(facts, call)
            continue
        if loss.counted_as:
            facts = facts | {loss.counted_as: facts[loss.counted_as] + facts[name]}
        facts = facts | {name: 0 if name in COUNTS else None}
    return facts


def guessed(facts: Facts, call: Call) -> Facts:
    if call.ending != UNTOLD:
        return facts
    usage = "estimated" if call.provider in COUNTED_APART else "told"
    counts = {"input": GUESS["prompt_tokens"], "output": GUESS["completion_tokens"]}
    return facts | counts | {"usage": usage}


def quarantined(facts: Facts, call: Call) -> Facts:
    return facts | ({"usage": QUARANTINED} if call.ending == UNTOLD else {})


def absent(facts: Facts, call: Call) -> Facts:
    return facts if call.ending == ANSWERED else facts | {"usage": ABSENT}


def uncounted(facts: Facts, call: Call) -> Facts:
    """Only of what was refused it is known: nothing was used."""
    if call.ending == REFUSED:
        return facts
    return facts | dict.fromkeys((*QUANTITIES, "reasoning"), 0) | {"usage": "unknown"}


def cached_within(facts: Facts, call: Call) -> Facts:
    """Input contains it where the answer's own count does."""
    within = 0 if call.provider in BESIDE else facts["cache_read"]
    return facts | {"input": facts["input"] + within, "cache_read": 0}


def in_seconds(facts: Facts, call: Call) -> Facts:
    return facts | {"started": call.started.replace(microsecond=0)}


def at_its_end(facts: Facts, call: Call) -> Facts:
    return facts | {"started": call.ended}


def answers_at_their_end(facts: Facts, call: Call) -> Facts:
    return facts if call.ending == REFUSED else facts | {"started": call.ended}


def only(name: str, of: Callable[[Call], bool]) -> Callable[[Facts, Call], Facts]:
    """Nothing of other calls."""
    return lambda facts, call: facts if of(call) else facts | {name: None}


def always(name: str, value: str | int | bool) -> Callable[[Facts, Call], Facts]:
    return lambda facts, call: facts | {name: value}


def asked_alone(facts: Facts, call: Call) -> Facts:
    return facts | {"tier": call.tier and f"{ASKED}{call.tier}"}


def the_customer(facts: Facts, call: Call) -> Facts:
    return facts | {"user": call.customer}


def by_its_model(facts: Facts, call: Call) -> Facts:
    """Azure and OpenRouter serve models that are OpenAI's."""
    is_other = call.provider in ("azure", "openrouter")
    return facts | {"provider": "openai" if is_other else call.provider}
