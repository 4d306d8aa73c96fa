"""Faults on a scale that no gateway should reach, to see how the measure bends."""

from random import Random

from simulation.faults.company import Company, Shortage
from simulation.faults.finding import Finding
from simulation.faults.logs import CACHE_READ, INPUT, OUTPUT, bill_a_day_late, log_more, lose


def every_cache_read_wrong(company: Company, rng: Random) -> Finding:
    for event in company.visible():
        wrong = event.attempt.logged[CACHE_READ] // 2
        log_more(event, {INPUT: wrong, CACHE_READ: -wrong})
    return Finding("every request logs half of its cache reads as input")


def every_stream_estimated(company: Company, rng: Random) -> Finding:
    for event in company.visible():
        if event.attempt.stream:
            log_more(event, {OUTPUT: event.attempt.logged[OUTPUT] // 5})
    return Finding("every stream logs 20 % too much output")


def half_of_the_logs_lost(company: Company, rng: Random) -> Finding:
    events = company.visible()
    lost: list[Shortage] = lose(company, rng.sample(events, len(events) // 2))
    return Finding(f"{len(lost):,} records, half of those with money, are lost")


def every_batch_late(company: Company, rng: Random) -> Finding:
    events = [event for event in company.visible() if event.attempt.service_tier == "batch"]
    for event in events:
        bill_a_day_late(company, event)
    return Finding(f"all {len(events)} batch jobs are billed a day late")
