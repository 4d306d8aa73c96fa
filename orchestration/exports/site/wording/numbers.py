"""Numbers as the statement prints them: true minus, signs of changes, one currency, one locale."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Final

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import (
    NumberPattern,
    format_decimal,
    format_percent,
    get_currency_name,
    get_decimal_symbol,
    get_group_symbol,
    parse_pattern,
)

from ingestion.workspace.sections.locales import DEFAULT
from orchestration.cents.largest_remainder import cents_decimal, places_of

MINUS: Final = "\u2212"
NOTHING: Final = "\u2013"
MILLION: Final = 1_000_000
# A percentage of a smaller month before would mislead.
LEAST_BEFORE: Final = 1
# Of the words around the numbers.
LANGUAGE: Final = "en"
KNOWN: Final = 2**16


@dataclass(frozen=True, slots=True)
class Numbers:
    """`locale` as Babel names it; money is in cents of the reporting currency."""

    currency: str
    locale: str = DEFAULT

    @property
    def currency_name(self) -> str:
        """In English as many have; else as a dictionary has it, whatever number stands before."""
        count = 2 if _locale(self.locale).language == LANGUAGE else None
        return get_currency_name(self.currency, count=count, locale=self.locale)

    @property
    def places(self) -> int:
        return places_of(self.currency)

    @property
    def language(self) -> str:
        """That of the page's words, as a browser calls it."""
        return self.locale.replace("_", "-") if self.locale.startswith(f"{LANGUAGE}_") else LANGUAGE

    @property
    def decimal_mark(self) -> str:
        return get_decimal_symbol(self.locale)

    @property
    def group_mark(self) -> str:
        return get_group_symbol(self.locale)

    @property
    def grouping(self) -> tuple[int, int]:
        """Digits of the last group and of those before it."""
        last, before = parse_pattern(_whole(self.locale)).grouping
        return last, before

    def money(self, cents: int) -> str:
        return self._decimal(Decimal(cents_decimal(cents, self.places)), self.places)

    def exact(self, amount: Decimal) -> str:
        """To the cent, of what is not made of whole cents."""
        return self._decimal(amount, self.places)

    def fine(self, amount: Decimal) -> str:
        """Of one of many: two digits below the cent."""
        return self._decimal(amount, self.places + 2)

    def mean(self, whole: int, number: int) -> str:
        return self._decimal(Decimal(whole) / number, 1) if number else NOTHING

    def rest(self, whole: Decimal, part: Decimal) -> str:
        """What is left in printed cents, so that the two sum to the third."""
        return self.exact(round(whole, self.places) - round(part, self.places))

    def estimate(self, cents: int) -> str:
        return self._decimal(Decimal(cents_decimal(cents, self.places)), 0)

    def change(self, cents: int) -> str:
        return ("+" if cents > 0 else "") + self.money(cents)

    def count(self, number: int) -> str:
        return self._decimal(Decimal(number), 0)

    def millions(self, number: int) -> str:
        return self._decimal(Decimal(number) / MILLION, 1)

    def per(self, cents: int, number: int, of: int) -> str:
        """Of so many, where there is any."""
        if not number:
            return NOTHING
        cost = Decimal(cents_decimal(cents, self.places))
        return self._decimal(cost * of / number, self.places)

    def share(self, part: int, whole: int) -> str:
        return self._percent(Decimal(part) / whole, 1) if whole else NOTHING

    def ratio(self, part: Decimal, whole: Decimal) -> str:
        return self._percent(part / whole, 1) if whole else NOTHING

    def whole_share(self, part: int, whole: int) -> str:
        """In a heading: without decimals from 10 % on."""
        ratio = Decimal(part) / whole
        return self._percent(ratio, 0 if abs(ratio) >= Decimal("0.1") else 1)

    def growth(self, now: int, before: int) -> str | None:
        """Of cents; None where the month before is below 1.00 or negative."""
        if before < LEAST_BEFORE * 10**self.places:
            return None
        ratio = Decimal(now - before) / before
        return ("+" if round(ratio, 3) > 0 else "") + self._percent(ratio, 1)

    def month(self, month: date) -> str:
        return format_skeleton("yMMMM", month, locale=self.locale)

    def month_alone(self, month: date) -> str:
        return format_date(month, "LLLL", locale=self.locale)

    def day(self, day: date) -> str:
        return format_skeleton("MMMd", day, locale=self.locale)

    def _percent(self, ratio: Decimal, places: int) -> str:
        rounded = round(ratio, places + 2) + 0
        text = _as_percentage(self.locale, abs(rounded), places)
        return f"{MINUS}{text}" if rounded < 0 else text

    def _decimal(self, amount: Decimal, places: int) -> str:
        rounded = round(amount, places) + 0
        text = _as_decimal(self.locale, abs(rounded), places)
        return f"{MINUS}{text}" if rounded < 0 else text


# A large company's pages print some hundred thousand numbers, many of them often.
@lru_cache(KNOWN)
def _as_decimal(locale: str, amount: Decimal, places: int) -> str:
    pattern = _with_places(_whole(locale), places)
    return format_decimal(amount, pattern, locale=_locale(locale))


@lru_cache(KNOWN)
def _as_percentage(locale: str, ratio: Decimal, places: int) -> str:
    pattern = _with_places(_percentage(locale), places)
    return format_percent(ratio, pattern, locale=_locale(locale))


@cache
def _locale(name: str) -> Locale:
    return Locale.parse(name)


@cache
def _whole(locale: str) -> str:
    """Babel's pattern of a whole number: `#,##0`, in India `#,##,##0`."""
    return _locale(locale).decimal_formats[None].pattern.partition(".")[0]


@cache
def _percentage(locale: str) -> str:
    """`#,##0%`; elsewhere with a space, or the sign before it."""
    return _locale(locale).percent_formats[None].pattern.partition(";")[0]


@cache
def _with_places(pattern: str, places: int) -> NumberPattern:
    head, zero, tail = pattern.rpartition("0")
    return parse_pattern(f"{head}{zero}.{'0' * places}{tail}" if places else pattern)
