"""What goes wrong between the gateway and its log. The bill is right, and so is who caused it.

Faults that invent tokens and faults that lose tokens have days of their own: where both meet in
one line of a bill they cancel out, and no method can tell them apart.
"""

from datetime import timedelta
from random import Random
from typing import Final

from simulation.bills.ledger import HOURS_PER_DAY
from simulation.faults.company import Company, Event, Record, Shortage, negative
from simulation.faults.finding import Finding
from simulation.traffic.attempt import Tokens

LOST_SHARE: Final = 0.1
TWICE_SHARE: Final = 0.2
LATE_SHARE: Final = 0.1
# BerriAI/litellm#34801: what forty requests logged as fresh input and the provider read from cache
MISREAD_REQUESTS: Final = 40
MISREAD_TOKENS: Final = 15_741
INPUT, CACHE_READ, OUTPUT = 0, 1, 4


def missing_logs(company: Company, rng: Random) -> Finding:
    events = [event for event in company.visible(days=(0, 8)) if event.cost]
    shortages = lose(company, _some(events, LOST_SHARE, rng))
    return Finding(
        f"{len(shortages)} of {len(events)} records of two days are lost", shortages=shortages
    )


def lose(company: Company, events: list[Event]) -> list[Shortage]:
    """Takes records out of the log; what was billed for them, each alone."""
    shortages = []
    for event in events:
        event.logged = False
        shortages.append(Shortage(event.attempt.deployment, event.day, event.cost))
    company.shortages += shortages
    return shortages


def duplicate_logs(company: Company, rng: Random) -> Finding:
    events = _some(company.visible(), TWICE_SHARE, rng)
    for event in events:
        event.copies = 2
    return Finding(
        f"{len(events)} records are in two more objects, verbatim and with other key order",
        signs=("duplicates",),
    )


def wrong_cache_meter(company: Company, rng: Random) -> Finding:
    """Cache reads logged as fresh input."""
    each = MISREAD_TOKENS // MISREAD_REQUESTS + 1
    events = [
        event
        for event in company.visible(days=(3, 4, 5, 10, 11))
        if event.attempt.deployment.model == "gpt-4o"
        and event.attempt.service_tier == "standard"
        and event.attempt.logged[CACHE_READ] >= each
    ]
    left, variance = MISREAD_TOKENS, 0
    for event in rng.sample(events, MISREAD_REQUESTS):
        wrong = min(each, left)
        left -= wrong
        log_more(event, {INPUT: wrong, CACHE_READ: -wrong})
        variance += wrong * (event.prices[CACHE_READ] - event.prices[INPUT])
    return Finding(
        f"{MISREAD_REQUESTS} requests log {MISREAD_TOKENS:,} cache reads as input "
        "(BerriAI/litellm#34801)",
        {"rate_variance": variance},
    )


def estimated_tokens(company: Company, rng: Random) -> Finding:
    """Streams without usage: the gateway counts itself, too few on one day, too many on another.

    LiteLLM's records tell so for OpenAI's models only.
    """
    shortages, surplus = [], 0
    for event in _streams(company, 5)[:8]:
        missed = event.attempt.logged[OUTPUT] // 4
        log_more(event, {OUTPUT: -missed})
        event.edits.append(_without_details)
        pico = missed * event.prices[OUTPUT]
        fresh, read, write_5m, write_1h, out = event.costs
        event.costs = (fresh, read, write_5m, write_1h, out - pico)
        shortages.append(Shortage(event.attempt.deployment, event.day, pico))
    for event in _streams(company, 12)[:8]:
        invented = event.attempt.logged[OUTPUT] // 50
        log_more(event, {OUTPUT: invented})
        event.edits.append(_without_details)
        surplus += invented * event.prices[OUTPUT]
    company.shortages += shortages
    return Finding(
        f"{len(shortages)} streams log 25 % too little output, as many 2 % too much: estimates",
        {"quantity_variance": -surplus},
        shortages,
        ("estimated_requests",),
    )


def retried_but_billed(company: Company, rng: Random) -> Finding:
    """A timed-out attempt logs no tokens; the provider read the prompt and bills it."""
    shortages = []
    for event in company.visible(outcome="failure", days=(7, 8, 13)):
        deployment = event.attempt.deployment
        prompt: Tokens = (rng.randint(200, 9000), 0, 0, 0, 0)
        pico = company.meter(deployment, "standard", event.day, prompt)
        shortages.append(Shortage(deployment, event.day, pico))
    company.shortages += shortages
    return Finding(
        f"{len(shortages)} failed attempts, logged with 0 tokens, are billed their prompts",
        shortages=shortages,
        signs=("failed_requests",),
    )


def late_batch(company: Company, rng: Random) -> Finding:
    """Jobs that the provider bills a day after the gateway saw them end, one over the month's."""
    events = [
        event
        for event in company.visible(days=(6, 11))
        if event.attempt.service_tier == "batch"
        # its contract starts between the days: another price, another cost
        and event.attempt.deployment.model != "claude-haiku-4-5"
    ]
    for event in events[::2]:
        bill_a_day_late(company, event)
    return Finding(
        f"{len(events[::2])} batch jobs are billed on the day after they ended, some in the "
        "next month"
    )


def bill_a_day_late(company: Company, event: Event) -> None:
    deployment, tokens = event.attempt.deployment, event.attempt.metered
    hour, labels = event.at
    company.meter(deployment, "batch", event.day, negative(tokens), (hour, labels))
    company.meter(
        deployment, "batch", event.day + timedelta(days=1), tokens, (hour + HOURS_PER_DAY, labels)
    )


def late_objects(company: Company, rng: Random) -> Finding:
    events = _some(company.visible(), LATE_SHARE, rng)
    for event in events:
        event.late = True
    return Finding(f"{len(events)} records arrive after a first run, which shows them as unlogged")


def _streams(company: Company, day: int) -> list[Event]:
    return [
        event
        for event in company.visible(days=(day,))
        if event.attempt.stream
        and event.attempt.deployment.model == "gpt-4o"
        and event.attempt.service_tier == "standard"
        and not any(event.attempt.logged[1:4])
    ]


def _without_details(record: Record) -> None:
    """What tells that LiteLLM counted a stream's tokens itself."""
    record["metadata"]["usage_object"]["prompt_tokens_details"] = None


def log_more(event: Event, changes: dict[int, int]) -> None:
    """Adds to what is logged, by the meter's place."""
    logged = [count + changes.get(place, 0) for place, count in enumerate(event.attempt.logged)]
    fresh, read, write_5m, write_1h, out = logged
    event.attempt.logged = (fresh, read, write_5m, write_1h, out)


def _some(events: list[Event], share: float, rng: Random) -> list[Event]:
    return rng.sample(events, round(len(events) * share))
