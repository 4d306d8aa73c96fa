"""Pages that answer one query: same report, bucket width and grouping.

Nothing in a page says what it was grouped by, so pages saved by hand are told apart by what they
hold. Columns that are never NULL once grouped by separate queries for certain. The others may be
NULL in every row of one page (a promotional credit has no project), so a page joins the query
with the most columns that it does not contradict. A page that shows the same bucket with other
rows is a coarser query of the same money if totals agree, and a conflict if they do not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from ingestion.bills.pages.page import Bucket, Page
from ingestion.records import SourceError

# Two groupings of one bucket may differ by float noise and by cents that an API rounded.
_TIE: Final = Decimal("0.005")


@dataclass(slots=True)
class Family:
    report: str
    width: str
    columns: set[str]
    certain: frozenset[str] | None  # None: a pull says that every page of the report is here
    fixed: bool = False  # `columns` are known, not gathered from pages
    pages: list[Page] = field(default_factory=list)
    # By bucket start, with the name of a page: a cut bucket is the same bucket.
    buckets: dict[datetime, tuple[Bucket, str]] = field(default_factory=dict)

    @property
    def grouping(self) -> str:
        return ",".join(sorted(self.columns))

    def admits(self, page: Page) -> bool:
        if (self.report, self.width) != (page.report, page.width):
            return False
        if self.certain is None:
            return True
        return self.certain == page.certain and (not self.fixed or page.columns <= self.columns)

    def same_query(self, other: "Family") -> bool:
        mine = (self.report, self.width, self.columns)
        return mine == (other.report, other.width, other.columns)

    def differing(self, page: Page) -> list[Bucket]:
        """Buckets of the page that the family holds with other rows."""
        return [
            bucket
            for bucket in page.buckets
            if bucket.start in self.buckets
            and self.buckets[bucket.start][0].content != bucket.content
        ]

    def add(self, page: Page) -> None:
        self.pages.append(page)
        if not self.fixed:
            self.columns |= page.columns
        for bucket in page.buckets:
            self.buckets.setdefault(bucket.start, (bucket, page.name))

    def adjoins(self, page: Page) -> bool:
        """Whether the page continues a page of the family, or is continued by it."""
        ends = {member.end for member in self.pages if member.has_more}
        first = min(bucket.start for bucket in page.buckets)
        return first in ends or (page.has_more and page.end in self.buckets)


@dataclass(slots=True)
class Families:
    """Families of one pull, or of all pages saved by hand beside what stands of the pulls."""

    where: str  # names the bill in messages
    cost_report: str  # its buckets are whole days only
    known: list[Family]

    def group(self, pages: Sequence[Page], reports: Sequence[str]) -> None:
        """Adds every page; `reports` are the candidates for a page without any result."""
        # Richest first, then by content: file names and their order decide nothing.
        ordered = sorted((page for page in pages if page.buckets), key=_by_content)
        for page in ordered:
            if page.report is not None:
                self._join(page)
        for page in ordered:
            if page.report is None:
                daily = page.width == "1d"
                self._join_empty(page, [r for r in reports if daily or r != self.cost_report])
        self._compare_groupings()

    def _join(self, page: Page) -> None:
        for family in self.known:
            differing = family.differing(page) if family.admits(page) else None
            if differing == []:
                return family.add(page)
            for bucket in differing or ():
                held, name = family.buckets[bucket.start]
                if page.columns == family.columns or not _tie(held, bucket):
                    raise self.conflict(family, bucket.start, name, page.name)
        family = Family(page.report or "", page.width, set(page.columns), page.certain)
        family.add(page)
        self.known.append(family)

    def _join_empty(self, page: Page, reports: Sequence[str]) -> None:
        """An empty page belongs to the query whose pages it adjoins, else to every one it fits.

        "No rows" is then said for days that nothing else speaks of, which adds and hides no money.
        """
        families = [f for f in self.known if f.width == page.width and f.report in reports]
        fitting = [family for family in families if not family.differing(page)]
        adjoining = [family for family in fitting if family.adjoins(page)]
        for family in {f.report: f for f in reversed(adjoining or fitting)}.values():
            family.add(page)
        if fitting:
            return
        unseen = [report for report in reports if report not in {f.report for f in families}]
        if families and not unseen:
            start = families[0].differing(page)[0].start
            raise self.conflict(families[0], start, families[0].buckets[start][1], page.name)
        family = Family(unseen[0] if unseen else "usage", page.width, set(), frozenset())
        family.add(page)
        self.known.append(family)

    def _compare_groupings(self) -> None:
        """Two groupings of one bucket must have equal totals, or one of them is out of date."""
        seen: dict[tuple[str, str, datetime], tuple[Bucket, str]] = {}
        for family in self.known:
            for start, (bucket, name) in family.buckets.items():
                held, other = seen.setdefault((family.report, family.width, start), (bucket, name))
                if held is not bucket and not _tie(held, bucket):
                    raise self.conflict(family, start, other, name)

    def conflict(self, family: Family, start: datetime, one: str, other: str) -> SourceError:
        first, second = sorted((one, other))
        return SourceError(
            f"{self.where}: {first} and {second} do not agree on {family.report} of the bucket "
            f"{start:%Y-%m-%dT%H:%M:%SZ} (grouped by {family.grouping or 'nothing'}), and nothing "
            "says which of them is newer: delete the one that is out of date"
        )


def _by_content(page: Page) -> tuple[int, datetime, str]:
    return -len(page.columns), min(bucket.start for bucket in page.buckets), page.digest


def _tie(one: Bucket, other: Bucket) -> bool:
    first, second = one.totals(), other.totals()
    return all(
        abs(_of(first, key) - _of(second, key)) <= _TIE for key in first.keys() | second.keys()
    )


def _of(totals: Mapping[str, Decimal], key: str) -> Decimal:
    return totals.get(key, Decimal(0))
