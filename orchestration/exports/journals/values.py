"""What a line of a journal says, by the names that layouts know."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from orchestration.cents.largest_remainder import cents_text
from orchestration.exports.journals.layout import Layout
from orchestration.exports.journals.lines import JournalError, Line

_NAMED: Final = re.compile(r"\{([^{}]+)\}")
_COST_CENTER: Final = "cost_center"
DEFAULT_PREFIX: Final = "TB"
# Of the entry, where it says nothing.
_COMBINATION: Final = "{account}-{cost_center}"


@dataclass(frozen=True, slots=True)
class Posting:
    """What all lines of a month's journals share. `facts`: of the entry in tollbook.yaml.
    `kind`: a letter of what is no invoice, `reversed_on`: of an accrual.
    """

    name: str
    month: date
    posted_on: date
    currency: str
    places: int
    facts: Mapping[str, Any]
    reversed_on: date | None = None
    kind: str = ""

    @property
    def batch(self) -> str:
        """The same of a month for ever, so that a ledger knows what it has already."""
        return f"{self.facts.get('prefix', DEFAULT_PREFIX)}-{self.month:%Y%m}{self.kind}"

    def key(self, number: int) -> str:
        """Of a journal; SAP's takes 16 characters."""
        return f"{self.batch}{'' if self.kind else '-'}{number:03d}"


def of_journal(layout: Layout, posting: Posting, key: str) -> dict[str, str]:
    """What all lines of one journal say."""
    form = posting.facts.get("date_format", layout.date)
    reverses = posting.reversed_on is not None
    facts = {**layout.facts, **posting.facts}
    return {
        "journal": key,
        "batch": posting.batch,
        "date": _date(posting.posted_on, form),
        "period": f"{posting.posted_on:%m}",
        "currency": posting.currency,
        "narration": f"AI usage {posting.month:%Y-%m} {key}",
        "reversal_date": _date(posting.reversed_on, form) if posting.reversed_on else "",
        "reversal_reason": str(layout.facts.get("reversal_reason", "")) if reverses else "",
        **{f"fact.{name}": word for name, word in facts.items() if isinstance(word, str)},
    }


def of_line(layout: Layout, posting: Posting, line: Line) -> dict[str, str]:
    amount, zero = (cents_text(cents, posting.places) for cents in (abs(line.cents), 0))
    debit, credit = (amount, "") if line.cents > 0 else ("", amount)
    dimensions = _dimensions(layout, posting, line)
    named = {"account": line.account, **dimensions}
    facts = posting.facts
    segments = [_filled(text, named) for text in facts.get("segments", ())]
    tracking = list(enumerate(facts.get("tracking", ()), start=1))
    return {
        "account": line.account,
        "debit": debit,
        "credit": credit,
        "debit_or_zero": debit or zero,
        "credit_or_zero": credit or zero,
        "amount": amount,
        "signed": debit or f"-{credit}",
        "side": "S" if debit else "H",
        "memo": plain_text(line.memo),
        "vendor": facts.get("vendors", {}).get(line.vendor) or "",
        "combination": _filled(facts.get("account_format", _COMBINATION), named),
        **{f"segment.{number}": text for number, text in enumerate(segments, start=1)},
        **{f"tracking.{n}": name for n, name in tracking if dimensions.get(name)},
        **{f"option.{n}": dimensions.get(name, "") for n, name in tracking},
        **{f"dimension.{name}": word for name, word in dimensions.items()},
    }


def places_of_dimensions(layout: Layout, posting: Posting) -> set[str]:
    """Names of dimensions that have a place in a file."""
    facts = posting.facts
    templates = [*facts.get("segments", ()), facts.get("account_format", _COMBINATION)]
    sources = [source for column in layout.columns for source in column.sources]
    found = {source.partition(".")[2] for source in sources if source.startswith("dimension.")}
    if "segment.1" in sources or "combination" in sources:
        found |= {name for text in templates for name in _NAMED.findall(text)}
    return found | {*facts.get("tracking", ()), _home(layout, posting), _COST_CENTER}


def must_fill_segments(posting: Posting, line: Line, values: Mapping[str, str]) -> None:
    for number, text in enumerate(posting.facts.get("segments", ()), start=1):
        if not values[f"segment.{number}"]:
            raise JournalError(
                f"{posting.name}: segment {number} (`{text}`) of `{line.memo}` is empty: say it in"
                " the dimensions of its line of accounts.csv"
            )


def _dimensions(layout: Layout, posting: Posting, line: Line) -> dict[str, str]:
    """Those of accounts.csv; the cost centre also under the name that it has in the ledger."""
    found = dict(line.dimensions)
    center = found.get(_COST_CENTER) or line.cost_center
    if center:
        found[_COST_CENTER] = center
        found.setdefault(_home(layout, posting), center)
    return found


def _home(layout: Layout, posting: Posting) -> str:
    return str(posting.facts.get(_COST_CENTER) or layout.cost_center or _COST_CENTER)


def _filled(text: str, named: Mapping[str, str]) -> str:
    return _NAMED.sub(lambda found: named.get(found[1], ""), text)


def plain_text(text: str) -> str:
    """One line of text, without what no ledger shows."""
    return " ".join("".join(_printable(text)).split())


def _printable(text: str) -> Iterable[str]:
    return (letter if letter.isprintable() else " " for letter in text)


def _date(day: date, form: str) -> str:
    parts = {"YYYY": f"{day:%Y}", "MM": f"{day:%m}", "DD": f"{day:%d}"}
    for word, digits in parts.items():
        form = form.replace(word, digits)
    return form
