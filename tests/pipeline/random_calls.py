"""Random calls of three sources, most near midnights: ids, content, replays, two sinks."""

from datetime import timedelta
from random import Random

from random_records import DAYS, FIRST, OBJECTS, TABLE, LogObject, Row, hashed, split

SOURCES = ("proxy", "traces", "upstream")
# of one source two sinks tell a call, a little apart
TWO_SINKS = "traces"
MODEL = "gpt-4o-2024-08-06"


def random_calls(random: Random, calls: int) -> list[LogObject]:
    objects = {
        (source, sink): [LogObject(source, f"{source}-{sink}-{number}") for number in range(3)]
        for source in SOURCES
        for sink in ((OBJECTS, TABLE) if source == TWO_SINKS else (TABLE,))
    }
    for number in range(calls):
        call = _call(random, number)
        for (source, sink), of_sink in objects.items():
            if random.random() < 0.8:
                _say(random, _telling(random, call, source, sink), of_sink)
    made = [log for of_sink in objects.values() for log in of_sink]
    for changed in random.sample(made, 3):
        changed.earlier = random.sample(changed.rows, len(changed.rows) // 2)
    return made


def _call(random: Random, number: int) -> Row:
    """What is the same in all sources; alike calls are many, so that content alone says little."""
    seconds = random.choice(
        (random.uniform(0, 86400), random.uniform(-2, 2), random.uniform(-8, 8))
    )
    return {
        "number": number,
        "started_at": FIRST + timedelta(days=random.randrange(1, DAYS), seconds=round(seconds, 3)),
        "status": random.choice(("success", "success", "success", "error")),
        "input_quantity": random.choice((100, 100, 200, 300)),
        "is_batch": random.random() < 0.05,
    }


def _telling(random: Random, call: Row, source: str, sink: int) -> Row:
    number = call["number"]
    shift = random.choice((0, 3, -8, 60, 60, -90, 400, -900, 1400, 3900, -4100, 20_000))
    started = call["started_at"] + timedelta(milliseconds=shift)
    name = f"{source}-r{number}"
    row: Row = {
        "source": source,
        "evidence_rank": sink,
        "request_id": name,
        "request_key": f"log:{name}",
        "call_id": f"call-{number:06}" if random.random() < 0.4 else None,
        "provider_request_id": f"chatcmpl-{number:06}" if random.random() < 0.4 else None,
        "trace_id": f"run-{number // 4}" if source == TWO_SINKS else None,
        "started_at": started,
        "ended_at": started + timedelta(seconds=2),
        "status": call["status"],
        "model_served": MODEL,
        "gateway_key_id": f"k{number % 2}" if source == "proxy" else None,
        "input_quantity": call["input_quantity"],
        "output_quantity": 7,
        "tokens_estimated": random.random() < 0.1,
        "attributes": f'{{"tags":{{"feature":"f{number % 3}"}}}}' if sink == OBJECTS else "{}",
    }
    row |= split(random, row)
    if call["is_batch"]:
        row |= {"service_tier": "batch", "ended_at": started + timedelta(hours=30)}
    return row


def _say(random: Random, row: Row, objects: list[LogObject]) -> None:
    """Once, again in another object, or once more with other content."""
    said = f"{row['request_id']}-{row['evidence_rank']}"
    random.choice(objects).rows.append(row | hashed(row, said))
    while random.random() < 0.2:
        tokens = row["input_quantity"] + random.choice((0, 1))
        other = {"input_quantity": tokens} | split(random, row)
        other |= hashed(row | other, f"{said}-{tokens}")
        random.choice(objects).rows.append(row | other)
