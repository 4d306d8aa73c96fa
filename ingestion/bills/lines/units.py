"""Units of a bill's quantities: written in many ways and multiples, landed in one.

Landed are `tokens`, `seconds`, `images`, `characters`, `pages`, `requests`, ..; which of them a
meter is counted in stands in dbt (`billed_units`).
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

_MULTIPLE: Final = re.compile(r"(?:1_)?(1000|1k|thousand|1000000|1m|million)_(\w+)")
_FACTORS: Final = {
    **dict.fromkeys(("1000", "1k", "thousand"), 1000),
    **dict.fromkeys(("1000000", "1m", "million"), 1_000_000),
}
_SECONDS: Final = {
    "milliseconds": Decimal("0.001"),
    "seconds": Decimal(1),
    "minutes": Decimal(60),
    "hours": Decimal(3600),
}
_SINGULARS: Final = {
    unit.removesuffix("s"): unit
    for unit in (
        *("tokens", "images", "characters", "pages", "requests", "calls"),
        *("sessions", "containers", "seconds", "minutes", "hours"),
    )
} | {"search": "searches", "query": "queries"}
# Words that say how many tokens one "Unit" of a price list is.
_IN_WORDS: Final = (
    (re.compile(r"\bmillion\b|\b1M\b", re.IGNORECASE), Decimal(1_000_000)),
    (re.compile(r"\bthousand\b|\b1K\b|\b1,?000\b", re.IGNORECASE), Decimal(1000)),
)


@lru_cache(maxsize=1024)
def unit_of(written: str | None) -> tuple[str | None, Decimal]:
    """The unit and how many of it one written unit is; a unit that is not known stays as it is."""
    if written is None:
        return None, Decimal(1)
    word = re.sub(r"[\s-]+", "_", written.lower().replace(",", ""))
    factor = Decimal(1)
    if match := _MULTIPLE.fullmatch(word):
        factor, word = Decimal(_FACTORS[match[1]]), match[2]
    word = _SINGULARS.get(word, word)
    duration = _SINGULARS.get(word.removeprefix("duration_"), word.removeprefix("duration_"))
    if duration in _SECONDS:
        return "seconds", factor * _SECONDS[duration]
    known = word in _SINGULARS.values()
    return (word, factor) if known else (written, Decimal(1))


def multiple_in(words: str) -> Decimal | None:
    """How many a text says that one unit is; None where it does not."""
    return next((many for pattern, many in _IN_WORDS if pattern.search(words)), None)
