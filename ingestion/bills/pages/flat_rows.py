"""Rows of all pages of a row report: which of them stand, and those that were said before."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from ingestion.bills.lines.amounts import RowError
from ingestion.bills.pages.flat_details import Key, Part, detailed
from ingestion.bills.pages.flat_page import FlatFormat, FlatPage, FlatRow, Span
from ingestion.bills.pages.flat_queries import Query, answers_of
from ingestion.bills.pages.page import PageFormat
from ingestion.bills.pages.pulls import Pull
from ingestion.records import Parsed, Reject, Row, SourceError
from ingestion.workspace.sources import Bill

# A report's rows that another page or a newer answer has said: they land, and never stand.
HISTORY = "_history"
_SAVED = "saved pages"

_Place = tuple[str, int]  # page, number of its row


@dataclass(slots=True)
class Standing:
    """Rows that stand of one query, by where they were read; nothing of what they say."""

    query: Query
    rows: dict[_Place, FlatRow] = field(default_factory=dict)
    parts: dict[Key, list[Part]] = field(default_factory=dict)


@dataclass(slots=True)
class StandingRows:
    """Which rows stand of the pages of one pull, or of all that were saved by hand."""

    standing: list[Standing]
    form: PageFormat
    bill: Bill
    pull: Pull | None

    def add(self, said: Parsed, page: FlatPage) -> None:
        """Adds the page's rows, and what its answer has nothing of."""
        _Landing(said, page, self.form, self.bill, self.pull).add(self.standing)
        for each in self.standing:
            query = each.query
            if self.pull is None or not query.window or query.pages[0].name != page.name:
                continue
            if each is _finest(self.standing, query):
                _add_empty(said, each, self.form, self.bill, self.pull)


def standing_rows(
    queries: Iterable[Query], form: PageFormat, bill: Bill, pull: Pull | None
) -> StandingRows:
    assert form.flat is not None
    standing = [Standing(query, _standing(query, bill)) for query in queries]
    _add_details(standing, form.flat)
    return StandingRows(standing, form, bill, pull)


def _standing(query: Query, bill: Bill) -> dict[_Place, FlatRow]:
    """Of each period the newest answer that speaks of it, each of its rows once."""
    newest: dict[Span, dict[_Place, FlatRow]] = {}
    for answer in answers_of(query):
        of_answer: defaultdict[Span, dict[_Place, FlatRow]] = defaultdict(dict)
        for place, row in _once(answer.pages, query, bill):
            of_answer[row.span][place] = row
        newest |= of_answer
    return {place: row for rows in newest.values() for place, row in rows.items()}


def _once(pages: list[FlatPage], query: Query, bill: Bill) -> Iterator[tuple[_Place, FlatRow]]:
    """Equal rows of one page are as many; those of two pages are one delivery."""
    kept: dict[Key, tuple[str, Counter[bytes]]] = {}
    for page in sorted(pages, key=lambda page: page.digest):
        own: defaultdict[Key, Counter[bytes]] = defaultdict(Counter)
        for number, row in enumerate(page.rows):
            if isinstance(row, RowError):
                continue
            own[row.key][row.content] += 1
            held = kept.get(row.key)
            if held is None:
                yield (page.name, number), row
            elif row.content not in held[1]:
                first, second = sorted((held[0], page.name))
                raise SourceError(
                    f"bill {bill.name}: {first} and {second} do not agree on {query.report} of"
                    f" {row.span[0]:%Y-%m-%dT%H:%M:%SZ} (grouped by {query.grouping or 'nothing'}),"
                    " and nothing says which of them is newer: delete the one that is out of date"
                )
        for key, contents in own.items():
            kept.setdefault(key, (page.name, contents))


def _finest(standing: Iterable[Standing], query: Query) -> Standing:
    of_report = [each for each in standing if each.query.report == query.report]
    return max(of_report, key=lambda each: each.query.finest)


def _add_details(standing: list[Standing], form: FlatFormat) -> None:
    """The finest query of a report learns from the others what they alone were grouped by."""
    for report in {each.query.report for each in standing}:
        of_report = [each for each in standing if each.query.report == report]
        money = max(of_report, key=lambda each: each.query.finest)
        for other in sorted(of_report, key=lambda each: each.query.finest, reverse=True):
            if other is not money and other.query.width == money.query.width:
                found = detailed(
                    money.rows.values(), money.query.columns,
                    other.rows.values(), other.query.columns, form,
                )  # fmt: skip
                money.parts = found | money.parts


@dataclass(slots=True)
class _Landing:
    """One page on its way to rows."""

    said: Parsed
    page: FlatPage
    form: PageFormat
    bill: Bill
    pull: Pull | None

    def add(self, standing: Iterable[Standing]) -> None:
        self.said.records = len(self.page.rows)
        buckets: dict[tuple[str, str, Span], list[int]] = {}
        for number, row in enumerate(self.page.rows):
            if isinstance(row, RowError):
                self.said.rejects.append(Reject(number, row.reason, row.field))
                continue
            own = [each for each in standing if (self.page.name, number) in each.rows]
            for each in own:
                self._land(number, row, each.parts.get(row.key), each.query.report, each.query)
                key = each.query.report, each.query.grouping, row.span
                buckets.setdefault(key, []).append(number)
            if not own:
                report = f"{self.page.report}{HISTORY}"
                self._land(number, row, None, report, None)
                buckets.setdefault((report, "", row.span), []).append(number)
        for (report, grouping, span), numbers in buckets.items():
            self._add_bucket(report, grouping, span, numbers)

    def _land(
        self, number: int, row: FlatRow, parts: list[Part] | None, report: str, query: Query | None
    ) -> None:
        assert self.form.flat is not None
        grouping = query.grouping if query else ""
        for part in parts or [Part(row.keys, row.measures)]:
            table, landed = self.form.flat.rows(part.keys, part.measures, self.page.report or "")
            for each in landed:
                for column, name, words in self.form.null_names:
                    if query and each[name] is None and column in query.columns:
                        each[name] = words
                if "inference_geo" in part.unknown:
                    each["region"] = None
                if "speed" in part.unknown:
                    each["service_tier"] = None
                key = _bucket(report, grouping, row.span, self.form, self.bill)
                full = {**key, **each, "record_no": number, "raw_row": row.raw}
                self.said.rows.setdefault(table, []).append(full)

    def _add_bucket(self, report: str, grouping: str, span: Span, numbers: list[int]) -> None:
        self.said.rows.setdefault("bill_buckets", []).append(
            {
                **_bucket(report, grouping, span, self.form, self.bill),
                **_pulled(self.pull),
                "record_no": numbers[0],
                "row_count": len(numbers),
            }
        )


def _bucket(report: str, grouping: str, span: Span, form: PageFormat, bill: Bill) -> Row:
    return {
        "provider": form.provider,
        "billing_account": bill.account,
        "report": report,
        "grouping": grouping,
        "bucket_start": span[0],
        "bucket_end": span[1],
    }


def _pulled(pull: Pull | None) -> Row:
    if pull is None:
        return {"pull_id": _SAVED, "pulled_at": None}
    return {"pull_id": pull.pull_id, "pulled_at": pull.pulled_at}


def _add_empty(said: Parsed, standing: Standing, form: PageFormat, bill: Bill, pull: Pull) -> None:
    """A pull says of every period that it asked for what there is, "nothing" included."""
    query = standing.query
    if query.window is None or query.width == "1m":
        return
    width = timedelta(hours=1) if query.width == "1h" else timedelta(days=1)
    moment, until = (datetime.combine(day, time(), UTC) for day in query.window)
    filled = {row.span for row in standing.rows.values()}
    while moment < until:
        span = moment, moment + width
        if span not in filled:
            key = _bucket(query.report, query.grouping, span, form, bill)
            row = {**key, **_pulled(pull), "record_no": 0, "row_count": 0}
            said.rows.setdefault("bill_buckets", []).append(row)
        moment += width
