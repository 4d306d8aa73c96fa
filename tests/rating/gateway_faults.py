"""A price list of its own, and claims that a gateway with known faults makes of requests."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from rated_requests import Row, request

PICO = Decimal(10) ** -12
PER_MILLION = Decimal(10) ** -6
AT = datetime(2026, 10, 20, 12, tzinfo=UTC)
LONG_ABOVE = 200_000
READ, SHORT, HOUR, SEARCHES = "cache_read", "cache_write_5m", "cache_write_1h", "web_searches"
WRITES = (SHORT, HOUR)
STANDARD = {
    "input": "3.07",
    READ: "0.31",
    SHORT: "3.83",
    HOUR: "6.11",
    "output": "15.23",
    SEARCHES: "10000",
}
TIERS = {"standard": Decimal(1), "batch": Decimal("0.5"), "flex": Decimal("0.7")}
LONG = Decimal("1.9")  # of the price of each meter, above the band
Quantities = Mapping[str, int]


def price(meter: str, tier: str, is_long: bool) -> Decimal:
    """Dollars per million."""
    return Decimal(STANDARD[meter]) * TIERS[tier] * (LONG if is_long else 1)


def _lines() -> Iterator[str]:
    yield "provider,model,meter,service_tier,context_above,unit_price_per_million"
    for tier in TIERS:
        for meter in STANDARD:
            yield f"acme,giant,{meter},{tier},,{price(meter, tier, False)}"
            yield f"acme,giant,{meter},{tier},{LONG_ABOVE},{price(meter, tier, True)}"


PRICES_CSV = "\n".join([*_lines(), ""])


@dataclass(frozen=True)
class Claim:
    """A request: its right cost, and what each fault adds to the gateway's claim, in dollars."""

    key: str
    quantities: Quantities
    tier: str
    right: Decimal
    faults: dict[str, Decimal] = field(default_factory=dict)

    @property
    def landed(self) -> Row:
        return request(
            self.key,
            "acme",
            "giant",
            AT,
            service_tier=self.tier,
            gateway_cost=self.right + sum(self.faults.values()),
            **self.quantities,
        )


@dataclass(frozen=True)
class Priced:
    """Quantities under the prices of one tier and context."""

    quantities: Quantities
    tier: str
    is_long: bool

    def cost(self, *meters: str, at_price_of: str | None = None) -> Decimal:
        """Each meter is rounded for itself, as a provider's bill rows are; writes are one meter
        where they are given the price of another."""
        quantities = [self.quantities.get(meter, 0) for meter in meters]
        units = [at_price_of or meter for meter in meters]
        if at_price_of and set(meters) == set(WRITES):
            quantities, units = [sum(quantities)], units[:1]
        return sum(
            (
                (quantity * price(unit, self.tier, self.is_long) * PER_MILLION).quantize(
                    PICO, ROUND_HALF_UP
                )
                for quantity, unit in zip(quantities, units, strict=True)
            ),
            Decimal(0),
        )


def _again(at: Priced) -> Decimal:
    return at.cost(READ, at_price_of="input") + at.cost(*WRITES, at_price_of="input")


def _writes_as_input(at: Priced) -> Decimal:
    return at.cost(*WRITES, at_price_of="input") - at.cost(*WRITES)


def _as_input(at: Priced) -> Decimal:
    return at.cost(READ, at_price_of="input") - at.cost(READ)


# cause, the part of the claim it makes wrong, what it adds; of one part there is one fault
FAULTS: list[tuple[str, set[str], Callable[[Priced], Decimal]]] = [
    ("cache_counted_twice", {"fresh"}, _again),
    ("cache_at_input_price", {"fresh", READ}, _as_input),
    ("cache_at_input_price", {"fresh", HOUR}, _writes_as_input),
    ("cache_not_charged", {"fresh", READ}, lambda at: -at.cost(READ)),
    ("cache_not_charged", {"fresh", HOUR}, lambda at: -at.cost(*WRITES)),
    ("cache_not_charged", {"fresh", READ, HOUR}, lambda at: -at.cost(READ, *WRITES)),
    ("one_hour_price_missing", {HOUR}, lambda at: at.cost(HOUR, at_price_of=SHORT) - at.cost(HOUR)),
    ("one_hour_price_missing", {HOUR}, lambda at: -at.cost(HOUR)),
    ("tools_not_charged", {SEARCHES}, lambda at: -at.cost(SEARCHES)),
]
BOOKS = {"batch": "batch", "flex": "service_tier", "long": "context_band"}


def claim(key: str, quantities: Quantities, tier: str, wrong: list[str | int]) -> Claim:
    """`wrong` has places of FAULTS, and "tier" (standard prices) or "context" (base prices)."""
    is_long = sum(quantities.get(meter, 0) for meter in ("input", READ, *WRITES)) > LONG_ABOVE
    own = Priced(quantities, tier, is_long)
    used = Priced(
        quantities,
        "standard" if "tier" in wrong else tier,
        is_long and "context" not in wrong,
    )
    faults: dict[str, Decimal] = {}
    if used != own:
        book = BOOKS[tier if "tier" in wrong else "long"]
        faults[book] = used.cost(*quantities) - own.cost(*quantities)
    for place in wrong:
        if isinstance(place, int):
            cause, _, added = FAULTS[place]
            faults[cause] = added(used)
    return Claim(key, quantities, tier, own.cost(*quantities), faults)


def random_claims(chance: Random, count: int) -> Iterator[Claim]:
    """Of requests with every meter, so that no two faults add the same: none, one or two faults."""
    for number in range(count):
        size = chance.choice([500, 40_000, 300_000])
        quantities = {meter: chance.randint(size // 10, size) for meter in STANDARD}
        quantities[SEARCHES] = chance.randint(1, 9)
        tier = chance.choice(list(TIERS))
        is_long = sum(quantities[meter] for meter in ("input", READ, *WRITES)) > LONG_ABOVE
        possible: list[str | int] = [
            *range(len(FAULTS)),
            *(["tier"] * 4 if tier != "standard" else []),
            *(["context"] * 4 if is_long else []),
        ]
        wrong = [chance.choice(possible) for _ in range(chance.randint(0, 2))]
        yield claim(str(number), quantities, tier, wrong if _go_together(wrong) else wrong[:1])


def _go_together(wrong: list[str | int]) -> bool:
    parts = [FAULTS[place][1] if isinstance(place, int) else {"book"} for place in wrong]
    return len(parts) < 2 or not parts[0] & parts[1]
