"""When a scrape was saved, and of which server, where only its object's name says so."""

import re
from datetime import UTC, datetime
from typing import Final

from ingestion.reading.instants import epoch_instant
from ingestion.reading.unreadable import Unreadable

DAY: Final = re.compile(r"(?<!\d)(20\d\d)-?([01]\d)-?([0-3]\d)(?!\d)")
TIME: Final = re.compile(r"(?<!\d)([0-2]\d)[-:_.]?([0-5]\d)(?:[-:_.]?([0-5]\d))?(?!\d)")
SECONDS: Final = re.compile(r"(?<!\d)1\d{9}(?!\d)")
ENDING: Final = re.compile(r"(?:\.[a-z]{1,8}){1,3}$", re.IGNORECASE)
AROUND: Final = re.compile(r"[-_.:TZ]+(?=/|$)|(?<=/)[-_.:TZ]+|^[-_.:TZ]+")
OPTION: Final = (
    "name its object after the moment of the scrape in UTC, as vllm-0/2026-11-28T10-05-00.prom"
)


def moment_in(name: str) -> tuple[datetime | None, str]:
    """The moment in an object's name, in UTC, and what is left of the name: its server."""
    plain = ENDING.sub("", name)
    if seconds := SECONDS.search(plain):
        return epoch_instant(seconds[0], "name"), _without(plain, [seconds])
    days = list(DAY.finditer(plain))
    times = list(TIME.finditer(plain, days[-1].end())) if days else []
    if not times:
        return None, plain
    day, time = days[-1], times[-1]
    hour, minute, second = (int(part or 0) for part in time.groups())
    try:
        year, month, number = map(int, day.groups())
        moment = datetime(year, month, number, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None, plain
    return moment, _without(plain, [*days, time])


def known(moment: datetime | None) -> datetime:
    if moment is None:
        raise Unreadable(None, "no time: neither the sample nor its object has one", option=OPTION)
    return moment


def _without(name: str, found: list[re.Match[str]]) -> str:
    """The name without these parts of it, and what stood between them and the rest."""
    for part in sorted(found, key=re.Match.start, reverse=True):
        name = name[: part.start()] + name[part.end() :]
    return "/".join(part for part in AROUND.sub("", name).split("/") if part)
