"""What a library says of the sample beside what the warehouse says: the same, or why not.

genai-prices is where most of the price book is from, so it can tell why litellm differs: a reason
holds for a request where calc_price, asked as litellm understands it, says what litellm says.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from benchmarks.rating.peers import Peer, genai_prices
from benchmarks.rating.sample import Priced
from benchmarks.rating.traffic import DAYS, FIRST_DAY

NOT_IN_FORCE: Final = "no batch price yet on that day: unpriced here, standard there"
ANOTHER_PRICE: Final = "another price in its map"
LAST_MOMENT: Final = datetime.fromisoformat(FIRST_DAY).replace(tzinfo=UTC) + timedelta(
    days=DAYS, microseconds=-1
)


@dataclass
class Agreement:
    """Dollars of the requests on which both agree; the others are counted by reason."""

    agreeing: int = 0
    ours: Decimal = Decimal(0)
    theirs: Decimal = Decimal(0)
    differing: Counter[str] = field(default_factory=Counter)


def agreement(peer: Peer, requests: list[Priced]) -> Agreement:
    """Every request is in it once."""
    result = Agreement()
    for request in requests:
        theirs = price(peer, request)
        if request.list_cost is not None and _agree(peer, request.list_cost, theirs):
            result.agreeing += 1
            result.ours += request.list_cost
            result.theirs += theirs
        else:
            result.differing[_reason(peer, request, theirs)] += 1
    return result


def price(peer: Peer, request: Priced) -> Decimal:
    """Dollars."""
    return peer.dollars(peer.call(**peer.arguments(request)))


def _agree(peer: Peer, ours: Decimal, theirs: Decimal) -> bool:
    return abs(ours - theirs) <= peer.tolerance * ours


def _reason(peer: Peer, request: Priced, theirs: Decimal) -> str:
    if request.list_cost is None:
        return NOT_IN_FORCE
    judge = genai_prices()
    for reason, understood in UNDERSTANDINGS.items():
        if _agree(peer, price(judge, understood(request)), theirs):
            return reason
    return f"{ANOTHER_PRICE}: {request.provider} {request.model}"


def _without_searches(request: Priced) -> Priced:
    return replace(request, web_searches=0)


def _of_today(request: Priced) -> Priced:
    return replace(_without_searches(request), started_at=LAST_MOMENT)


def _cache_as_input(request: Priced) -> Priced:
    whole = request.input + request.cache_read
    return replace(_without_searches(request), input=whole, cache_read=0)


def _hour_as_minutes(request: Priced) -> Priced:
    return replace(
        _without_searches(request), cache_write_5m=request.cache_writes, cache_write_1h=0
    )


# Why litellm differs -> the request as it understands it.
UNDERSTANDINGS: Final[dict[str, Callable[[Priced], Priced]]] = {
    "web searches are no part of its cost": _without_searches,
    "it knows the price of today alone": _of_today,
    "batch: it has no price of cached input, and takes that of input": _cache_as_input,
    "batch: it has no price of writes kept an hour, and takes that of 5 minutes": _hour_as_minutes,
}
