"""Which pages of a row report answer one query, and whether all its pages are there.

A page saved by hand does not say what it was grouped by. Pages that fill the same columns are one
query; one that fills fewer joins a query that lacks its end, one of other periods, or one that it
repeats. A query that is whole without it is another one (a control total).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from ingestion.bills.pages.flat_page import FlatFormat, FlatPage
from ingestion.bills.pages.pulls import Pull, PulledReport
from ingestion.records import SourceError

# The API answers no longer period in one query.
LONGEST: Final = timedelta(days=31)
# Without it money of any key looks like money of no key.
_OWNER: Final = "api_key_id"


@dataclass(slots=True)
class Query:
    report: str
    width: str
    columns: frozenset[str]
    pages: list[FlatPage] = field(default_factory=list)
    window: tuple[date, date] | None = None  # days asked for, where a pull says them

    @property
    def grouping(self) -> str:
        return ",".join(sorted(self.columns))

    @property
    def finest(self) -> tuple[int, int, str]:
        """Queries in the order in which dbt lets one of a pull stand."""
        return len(self.columns), len(self.grouping), self.grouping

    def unfinished(self) -> list[FlatPage]:
        """Pages that promise more than any page here gives."""
        return [page for page in self.pages if page.has_more and not self._ended(page)]

    def _ended(self, page: FlatPage) -> bool:
        return any(not other.has_more and _near(page, other) for other in self.pages)


def _near(one: FlatPage, other: FlatPage) -> bool:
    """Whether one query may have given both."""
    spans = [row.span for page in (one, other) for row in page.read]
    if not one.rows or not other.rows or not spans:
        return True
    return max(end for _, end in spans) - min(start for start, _ in spans) <= LONGEST


def pulled_queries(pull: Pull, pages: Iterable[FlatPage], form: FlatFormat) -> list[Query]:
    """Queries of a pull, as its `pull.json` lists them; raises SourceError where one is cut."""
    by_digest: dict[str, FlatPage] = {}
    for page in sorted(pages, key=lambda page: page.name):
        by_digest.setdefault(page.digest, page)
    found, listed = [], set[str]()
    for said in pull.reports:
        own = [by_digest[digest] for digest in said.pages if digest in by_digest]
        if own:
            listed |= {page.digest for page in own}
            found.append(_pulled(pull, said, own))
    rest = [page for digest, page in by_digest.items() if digest not in listed]
    return found + saved_queries(rest, form, pull.marker_name)


def _pulled(pull: Pull, said: PulledReport, pages: list[FlatPage]) -> Query:
    if pages[-1].has_more:
        raise SourceError(
            f"{pull.marker_name}: {pages[-1].name} promises more pages of {said.report} and none"
            " follows: delete its folder and pull again"
        )
    filled = frozenset(column for page in pages for column in page.columns)
    columns = filled if said.group_by is None else frozenset(said.group_by)
    width = max((page.width for page in pages if page.read), key="1m 1h 1d".index, default="1h")
    window = _days(said.since or pull.since, said.until or pull.until)
    return Query(said.report, width, columns, pages, window)


def _days(since: str | None, until: str | None) -> tuple[date, date] | None:
    try:
        return (date.fromisoformat(since), date.fromisoformat(until)) if since and until else None
    except ValueError:
        return None


def saved_queries(pages: Iterable[FlatPage], form: FlatFormat, where: str) -> list[Query]:
    """Queries of pages that nothing lists; raises SourceError where a promised page is missing."""
    unique = {page.digest: page for page in sorted(pages, key=lambda page: page.name, reverse=True)}
    grouped: dict[tuple[str, str, frozenset[str]], Query] = {}
    empty = []
    for page in sorted(unique.values(), key=lambda page: page.digest):
        if page.report is None:
            empty.append(page)
            continue
        key = page.report, page.width, page.columns
        grouped.setdefault(key, Query(*key)).pages.append(page)
    queries = sorted(grouped.values(), key=lambda query: query.finest, reverse=True)
    queries = _joined(_finished(queries, form), form)
    for query in queries:
        if query.unfinished():
            query.pages += [page for page in empty if not page.has_more]
    _check_finished(queries, empty, where)
    return queries


def _finished(queries: list[Query], form: FlatFormat) -> list[Query]:
    """Queries that lack their end, with pages of other columns that may be it."""
    used: set[int] = set()
    for query in queries:
        for other in _candidates(query, queries, form):
            if id(query) in used or not query.unfinished():
                break
            if not _ends(query, other) or _says_again(query, other):
                continue
            wider = other if query.columns < other.columns else query
            narrower = query if wider is other else other
            wider.columns |= narrower.columns
            wider.pages += [page for page in narrower.pages if page not in wider.pages]
            used.add(id(narrower))
    return [query for query in queries if id(query) not in used]


def _ends(query: Query, other: Query) -> bool:
    last = Query(query.report, query.width, query.columns, other.pages)
    return any(last._ended(page) for page in query.unfinished())


def _says_again(query: Query, other: Query) -> bool:
    """Whether the two split one and the same money: a row of one is the sum of rows of the other.

    A last page of fewer columns may by chance have a row like one of the pages before it.
    """
    shared = query.columns & other.columns
    least = 2 if other.columns <= query.columns else 1
    sums = [_sums(each, shared) for each in (query, other)]
    return any(
        total == sums[1][key][0] and any(total.values()) and max(count, sums[1][key][1]) >= least
        for key, (total, count) in sums[0].items()
        if key in sums[1]
    )


def _sums(query: Query, columns: frozenset[str]) -> dict[object, tuple[dict[str, Decimal], int]]:
    """What the query says of each period and value of `columns`, and in how many rows."""
    found: dict[object, tuple[dict[str, Decimal], int]] = {}
    for row in {row.key: row for page in query.pages for row in page.read}.values():
        key = row.span, frozenset(pair for pair in row.keys.items() if pair[0] in columns)
        total, count = found.get(key, ({}, 0))
        for name, amount in row.measures.items():
            total[name] = total.get(name, Decimal()) + amount
        found[key] = total, count + 1
    return found


def _candidates(query: Query, queries: Sequence[Query], form: FlatFormat) -> list[Query]:
    """Narrower ones first, then wider ones, then those that together ask for no more than the
    API gives."""

    def rank(other: Query) -> int | None:
        if other.columns <= query.columns:
            return 0
        if query.columns <= other.columns:
            return 1
        both = (query.columns | other.columns).difference(form.free)
        return 2 if len(both) <= form.most_columns else None

    ranked = [
        (order, other)
        for other in queries
        if other is not query
        and _same_report(query, other, form)
        and (order := rank(other)) is not None
    ]
    return [other for _, other in sorted(ranked, key=lambda pair: pair[0])]


def _same_report(one: Query, other: Query, form: FlatFormat) -> bool:
    certain = [query.columns.intersection(form.never_null) for query in (one, other)]
    return (one.report, one.width, certain[0]) == (other.report, other.width, certain[1])


def _joined(queries: list[Query], form: FlatFormat) -> list[Query]:
    """Whole queries of fewer columns: of other periods, or of rows that a wider one has too."""
    kept: list[Query] = []
    for query in queries:
        wider = next(
            (
                other
                for other in kept
                if query.columns < other.columns
                and _same_report(query, other, form)
                and (_repeats(query, other) or _other_periods(query, other))
            ),
            None,
        )
        if wider is None:
            kept.append(query)
        else:
            wider.pages += query.pages
    return kept


def _repeats(query: Query, other: Query) -> bool:
    rows = {(row.key, row.content) for page in other.pages for row in page.read}
    return all((row.key, row.content) in rows for page in query.pages for row in page.read)


def _other_periods(query: Query, other: Query) -> bool:
    if _OWNER in other.columns - query.columns:
        return False
    starts = {row.span[0] for page in other.pages for row in page.read}
    return not any(row.span[0] in starts for page in query.pages for row in page.read)


def _check_finished(queries: Iterable[Query], empty: Iterable[FlatPage], where: str) -> None:
    for page in (
        *(page for query in queries for page in query.unfinished()),
        *(page for page in empty if page.has_more),
    ):
        raise SourceError(
            f"{where}: {page.name} promises more, but no page of {page.report or 'its report'} with"
            " its group_by ends it: fetch the next page (page=<its next_page>) and those that it"
            " promises, and save them beside"
        )


@dataclass(slots=True)
class Answer:
    """Pages of one query that were given as one."""

    pages: list[FlatPage]
    refreshed: datetime | None


def answers_of(query: Query) -> list[Answer]:
    """Oldest first. Pages are told apart by when their data was refreshed, which may happen
    between two pages of one answer."""
    by_moment: dict[datetime | None, list[FlatPage]] = {}
    for page in query.pages:
        by_moment.setdefault(page.refreshed, []).append(page)
    found: list[Answer] = []
    pending: list[FlatPage] = []
    for moment in sorted(by_moment, key=_known_last):
        pending += by_moment[moment]
        if not Query(query.report, query.width, query.columns, pending).unfinished():
            found.append(Answer(pending, moment))
            pending = []
    if pending:  # its end was refreshed before it, or is of another answer
        earlier = found.pop().pages if found else []
        found.append(Answer(earlier + pending, None))
    return found


def _known_last(moment: datetime | None) -> tuple[bool, float]:
    return moment is not None, moment.timestamp() if moment else 0.0
