"""Random objects of a log: duplicates, replays, two sinks, batches, records around midnight."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from ingestion.landing.batches import Batch, LandedObject
from ingestion.landing.landing import Landing
from ingestion.landing.tables.arrow import to_arrow
from ingestion.landing.tables.date_folders import by_date

FIRST = datetime(2026, 10, 29, tzinfo=UTC)
DAYS = 4
OBJECTS, TABLE = 2, 1  # evidence ranks of the two sinks
Row = dict[str, Any]


@dataclass
class LogObject:
    """One object of a source; `earlier` is what it said before it was written again."""

    source: str
    name: str
    rows: list[Row] = field(default_factory=list)
    earlier: list[Row] | None = None


def random_objects(random: Random, requests: int) -> list[LogObject]:
    """Objects of two sources: of `two` each request may be in both sinks, of `one` in one."""
    objects = [
        LogObject(source, f"{source}-{sink}-{number}")
        for source, sinks in (("two", (OBJECTS, TABLE)), ("one", (TABLE,)))
        for sink in sinks
        for number in range(4)
    ]
    for number in range(requests):
        source = random.choice(("two", "two", "one"))
        row = _request(random, number) | {"source": source}
        for sink in (OBJECTS, TABLE) if source == "two" else (TABLE,):
            of_sink = [each for each in objects if each.name.startswith(f"{source}-{sink}")]
            if random.random() < 0.85:
                shift = timedelta(milliseconds=random.choice((0, 0, 3, -8, 400, -900, 1400)))
                said = row | {"evidence_rank": sink} | split(random, row)
                if sink == TABLE and source == "two":
                    said = _moved(said, shift)
                _say(random, said, of_sink)
    for changed in random.sample(objects, 3):
        changed.earlier = random.sample(changed.rows, len(changed.rows) // 2)
    return objects


def _request(random: Random, number: int) -> Row:
    seconds = random.choice(
        # what starts at once, around a midnight, is told apart by its ids alone
        (random.uniform(0, 86400), random.uniform(-1, 1), random.uniform(-6, 6))
    )
    started = FIRST + timedelta(days=random.randrange(1, DAYS), seconds=round(seconds, 3))
    row: Row = {
        "request_id": f"r{number}",
        "request_key": f"log:r{number}",
        "call_id": f"c{number // 2}" if random.random() < 0.5 else None,
        "started_at": started,
        "ended_at": started + timedelta(seconds=2),
        "status": random.choice(("success", "success", "success", "error", "cancelled")),
        "gateway_key_id": random.choice(("k1", "k2", None)),
        "input_quantity": random.choice((0, 7, 100, 100)),
        "tokens_estimated": False,
        "attributes": "{}",
    }
    if random.random() < 0.1:
        row |= {"service_tier": "batch", "ended_at": started + timedelta(hours=30)}
    if random.random() < 0.1:
        row["request_key"] = f"litellm:batch:{random.randrange(3)}"
    if random.random() < 0.1:
        row["request_id_made"] = True
    return row


def _moved(row: Row, shift: timedelta) -> Row:
    return row | {"started_at": row["started_at"] + shift, "request_id_made": None}


def _say(random: Random, row: Row, objects: list[LogObject]) -> None:
    """Once, again in another object, or once more with other content."""
    random.choice(objects).rows.append(row | hashed(row, row["request_id"]))
    while random.random() < 0.25:
        other = split(random, row)
        other |= hashed(row | other, f"{row['request_id']}-{random.randrange(3)}")
        tokens = {"input_quantity": row["input_quantity"] + random.choice((0, 0, 1))}
        random.choice(objects).rows.append(row | random.choice(({}, other)) | other | tokens)


def hashed(row: Row, content: str) -> Row:
    return {"content_hash": f"{content}-{row.get('cache_write_1h_quantity', 0)}"}


def split(random: Random, row: Row) -> Row:
    """What it wrote to a cache, some tellings of which know for how long."""
    hour = random.choice((None, None, 3, 5))
    five = {"cache_write_5m_quantity": 8 - (hour or 0), "cache_write_1h_quantity": hour or 0}
    return five | {"cache_ttl_assumed": hour is None} if row["input_quantity"] == 100 else {}


def land(landing: Landing, objects: list[tuple[LogObject, list[Row]]]) -> None:
    """One batch a source, of these objects with these rows."""
    for source in sorted({log.source for log, _ in objects}):
        number = landing.plan().number
        mine = [(log, rows) for log, rows in objects if log.source == source]
        rows = [
            {**row, "source": source, "batch": number, "object_no": place, "record_no": record}
            for place, (_, said) in enumerate(mine)
            for record, row in enumerate(said)
        ]
        arrow, misfits = to_arrow("requests", rows)
        assert arrow is not None, misfits
        files = [
            landing.write(number=number, table="requests", source=source, usage_date=day, rows=part)
            for day, part in by_date("requests", arrow).items()
        ]
        listed = [
            LandedObject(log.name, place, f"{number}", len(said), len(said), 0, f"{log.name}-bytes")
            for place, (log, said) in enumerate(mine)
        ]
        assert landing.commit(Batch(number, source, "gateway", "1", listed, files, []))
