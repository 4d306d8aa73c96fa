"""All pages of one bill into rows: what is whole, undisputed and in order, page by page.

Pages continue, repeat and contradict each other across files, so all of them are read into an index
first: of each bucket its key, a hash and its totals. Their rows are made after that, a page at a
time; pages of a large bill are read a second time for it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ingestion.bills.pages.completeness import check_chains, check_promises
from ingestion.bills.pages.envelope import NotAPage
from ingestion.bills.pages.families import Families, Family
from ingestion.bills.pages.flat_page import FlatPage, Shared, empty_page
from ingestion.bills.pages.flat_queries import Query, pulled_queries, saved_queries
from ingestion.bills.pages.flat_rows import StandingRows, standing_rows
from ingestion.bills.pages.page import Beside, Bucket, Page, PageFormat, read_page
from ingestion.bills.pages.page_rows import add_rows
from ingestion.bills.pages.pulls import Pull, arrange_objects
from ingestion.records import Parsed, SourceError
from ingestion.workspace.sources import Bill

# Of the pages of a bill, these many bytes stay as they were read and are not read twice.
KEPT_WHOLE: Final = 16 * 2**20


@dataclass(slots=True)
class _Reading:
    """`buckets` and `rows` say by page under which queries its rows stand."""

    objects: Mapping[str, bytes]
    bill: Bill
    form: PageFormat
    buckets: dict[str, list[tuple[Family, Pull | None]]] = field(default_factory=dict)
    rows: dict[str, list[StandingRows]] = field(default_factory=dict)
    beside: Beside | None = None
    _shared: Shared = field(default_factory=Shared)
    _whole: dict[str, Page | FlatPage] = field(default_factory=dict)
    _room: int = field(default_factory=lambda: KEPT_WHOLE)

    @property
    def where(self) -> str:
        return f"bill {self.bill.name}"

    def pages(self, names: Iterable[str]) -> tuple[dict[str, Page], list[FlatPage]]:
        """Pages of buckets and pages of rows.

        Raises SourceError for a page that cannot be read: without it the bill has a gap.
        """
        pages, flat = {}, []
        for name in names:
            data = self.objects[name]
            page = self._page(name, data)
            if len(data) <= self._room:
                self._whole[name] = page
                self._room -= len(data)
            if isinstance(page, FlatPage):
                flat.append(self._shared.indexed(page))
            else:
                self._note(page)
                pages[name] = page.indexed()
        return pages, flat

    def _note(self, page: Page) -> None:
        if self.beside is None or page.report is None:
            return
        for bucket in page.buckets:
            for table, row in (pair for result in bucket.results for pair in result.rows):
                self.beside.note(page.report, bucket.start, table, row)

    def _page(self, name: str, data: bytes) -> Page | FlatPage:
        again = "save the page again, or move the file away if it is not part of the bill"
        instead = f"save {self.form.save} instead, or give the bill an `api:` entry that pulls it"
        try:
            return read_page(data, name, self.form)
        except NotAPage as error:
            told = f"{error}, not a page of the API: {instead}; move this file away"
            why = told if error.is_foreign else f"{error}: {again}"
            raise SourceError(f"{self.where}: {name}: {why}") from None
        except SourceError:
            raise
        except Exception as error:  # whatever a page holds is told with the page's name
            kind = type(error).__name__
            raise SourceError(f"{self.where}: {name}: cannot be read ({kind}): {again}") from None

    def stand(self, families: Iterable[Family], pull: Pull | None) -> None:
        for family in families:
            for page in family.pages:
                self.buckets.setdefault(page.name, []).append((family, pull))

    def stand_rows(
        self, pages: Iterable[FlatPage], queries: Iterable[Query], pull: Pull | None
    ) -> None:
        standing = standing_rows(queries, self.form, self.bill, pull)
        for page in pages:
            self.rows.setdefault(page.name, []).append(standing)

    def parsed(self, name: str) -> Parsed:
        """The rows of one object, of which nothing is held afterwards."""
        said = Parsed(0)
        if name not in self.buckets and name not in self.rows:
            return said
        page = self._whole.pop(name, None) or self._page(name, self.objects[name])
        if isinstance(page, FlatPage) or name in self.rows:
            flat = page if isinstance(page, FlatPage) else empty_page(page.name, page.digest)
            for standing in self.rows.get(name, ()):
                standing.add(said, flat)
            return said
        for family, pull in self.buckets[name]:
            add_rows(said, page, family, self.form, self.bill, pull)
        if self.beside is not None:
            for table, rows in said.rows.items():
                for row in rows:
                    self.beside.correct(table, row)
        return said


def read_pages(
    objects: Mapping[str, bytes], bill: Bill, form: PageFormat
) -> Iterator[tuple[str, Parsed]]:
    """Rows of every object, one at a time; each is asked for once or twice, and must be the same.

    Raises SourceError for a missing or unreadable page, before the first rows.
    """
    reading = _Reading(objects, bill, form, beside=form.beside() if form.beside else None)
    try:
        found = arrange_objects(objects, form.provider)
        standing = _read_pulls(reading, found.pulls)
        _read_by_hand(reading, found.by_hand, standing)
    except SourceError as error:
        message = str(error)
        raise SourceError(
            message if message.startswith(reading.where) else f"{reading.where}: {message}"
        ) from None
    return ((name, reading.parsed(name)) for name in sorted(objects))


def _read_pulls(reading: _Reading, pulls: list[Pull]) -> list[Family]:
    """Newest pull first; returns what stands of them: per bucket only the newest pull's rows."""
    standing: list[Family] = []
    newest: dict[tuple[str, str, datetime], Pull] = {}
    for pull in sorted(pulls, key=lambda pull: (pull.pulled_at, pull.pull_id), reverse=True):
        pages, flat = reading.pages(pull.members)
        for page in [page for page in pages.values() if _is_empty_flat(page, pull, reading.form)]:
            del pages[page.name]
            flat.append(empty_page(page.name, page.digest))
        families = _pull_families(reading, pull, pages)
        check_chains(list(pages.values()), families.known, reading.where)
        check_promises(pull, [*pages.values(), *flat], families.known)
        reading.stand(families.known, pull)
        if flat and reading.form.flat:
            reading.stand_rows(flat, pulled_queries(pull, flat, reading.form.flat), pull)
        for family in families.known:
            kept = dict(family.buckets)
            for start in family.buckets:
                stands = newest.setdefault((family.report, family.width, start), pull)
                if stands is not pull:
                    del kept[start]
                    if stands.pulled_at == pull.pulled_at:
                        _check_undisputed(families, family, start, standing)
            _add_standing(reading.form, standing, family, kept)
    return standing


def _is_empty_flat(page: Page, pull: Pull, form: PageFormat) -> bool:
    """Whether a page without anything answers reports of rows: only `pull.json` knows."""
    listing = {said.report for said in pull.reports if page.digest in said.pages}
    known = form.flat.reports if form.flat else ()
    return not page.buckets and not page.has_more and bool(listing) and listing.issubset(known)


def _add_standing(
    form: PageFormat,
    standing: list[Family],
    family: Family,
    kept: dict[datetime, tuple[Bucket, str]],
) -> None:
    """One standing family per query, so that a page saved by hand is held against all pulls."""
    for held in standing:
        if held.same_query(family):
            held.buckets |= kept
            return
    certain = frozenset(family.columns.intersection(form.columns(family.report)[0]))
    columns = set(family.columns)
    standing.append(Family(family.report, family.width, columns, certain, fixed=True, buckets=kept))


def _check_undisputed(
    families: Families, family: Family, start: datetime, standing: Iterable[Family]
) -> None:
    """Two pulls of one moment have no order: equal rows collapse, others are a conflict."""
    bucket, name = family.buckets[start]
    for held in standing:
        if held.same_query(family) and start in held.buckets:
            stands, other = held.buckets[start]
            if stands.content != bucket.content:
                raise families.conflict(family, start, other, name)


def _pull_families(reading: _Reading, pull: Pull, pages: Mapping[str, Page]) -> Families:
    families = Families(reading.where, reading.form.cost_report, [])
    own: dict[tuple[str, str], Family] = {}
    unlisted = []
    for page in pages.values():
        # Only `pull.json` knows which report an empty page answers; one may answer several.
        listing = [report.report for report in pull.reports if page.digest in report.pages]
        reports = [page.report] if page.report else listing
        for report in reports:
            grouping = pull.grouping(report)
            if grouping is not None and (report, page.width) not in own:
                family = Family(report, page.width, set(grouping), None, fixed=True)
                own[report, page.width] = family
                families.known.append(family)
        if page.report is None and reports and all((r, page.width) in own for r in reports):
            for report in reports:
                own[report, page.width].add(page)
        else:
            unlisted.append(page)
    rows = reading.form.flat.reports if reading.form.flat else ()
    named = [report.report for report in pull.reports if report.report not in rows]
    families.group(unlisted, named or _candidates(reading.form, pages.values(), []))
    return families


def _candidates(form: PageFormat, pages: Iterable[Page], standing: Iterable[Family]) -> list[str]:
    """Reports that an empty page may be of: those beside it, and the one with the money."""
    beside = {page.report for page in pages if page.report}
    beside |= {family.report for family in standing}
    return [form.cost_report, *sorted(beside - {form.cost_report})]


def _read_by_hand(reading: _Reading, names: Iterable[str], standing: list[Family]) -> None:
    bucketed, flat = reading.pages(names)
    pages = list(bucketed.values())
    families = Families(reading.where, reading.form.cost_report, standing)
    families.group(pages, _candidates(reading.form, pages, standing))
    check_chains(pages, families.known, reading.where)
    reading.stand(families.known, None)
    if flat and reading.form.flat:
        queries = saved_queries(flat, reading.form.flat, reading.where)
        reading.stand_rows(flat, queries, None)
