"""The records of one file into rows, a chunk at a time: ours land, others are summed up."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from ingestion.bills.lines.amounts import RowError, rounded
from ingestion.bills.tables.chunks import Chunk, Place
from ingestion.bills.tables.exports import Month
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Export, Foreign, TableFormat
from ingestion.records import Parsed, Reject, Row, SourceError
from ingestion.workspace.sources import Bill

# What `report` is of rows of an export.
EXPORT: Final = "export"
# Kinds of rows that are told apart by `whose` columns: more than an export has.
_KINDS: Final = 50_000

_Key = tuple[date, str, str]  # month, provider, account


@dataclass(slots=True)
class FileRows:
    """One file on its way: what it said is forgotten, what it summed up stays."""

    form: TableFormat
    bill: Bill
    export: Export
    name: str
    months: set[date] = field(default_factory=set)
    days: set[date] = field(default_factory=set)  # of charges that say one
    records: int = 0
    _grouping: str | None = None
    _kinds: dict[tuple[object, ...], Foreign | None] = field(default_factory=dict)
    _foreign: defaultdict[tuple[date, Foreign], list[Decimal]] = field(
        default_factory=lambda: defaultdict(lambda: [Decimal(0), Decimal(0)])
    )
    _counts: defaultdict[_Key, list[int]] = field(
        default_factory=lambda: defaultdict(lambda: [0, -1])
    )

    def parsed(self, chunks: Iterable[Chunk]) -> Iterator[Parsed]:
        """Parts of the file's rows; at its end what holds for all of them."""
        for chunk in chunks:
            yield self._chunk(chunk)
        yield self._end()

    def _chunk(self, chunk: Chunk) -> Parsed:
        said = Parsed(len(chunk.records))
        for number, record in enumerate(chunk.records):
            try:
                if isinstance(record, RowError):
                    raise record
                self._add(said, record)
            except RowError as error:
                said.rejects.append(self._reject(error, chunk.place(number)))
            except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
                # no record may stop its file, whatever it holds that its reader did not think of
                odd = RowError("record", f"cannot be read ({type(error).__name__})")
                said.rejects.append(self._reject(odd, chunk.place(number)))
            self.records += 1
        return said

    def _check_grouping(self, record: Record) -> None:
        column = self.form.one_in_a_file
        grouping = record.text(column) if column else None
        if grouping != (self._grouping or grouping):
            raise SourceError(
                f"{self.name}: `{column}` is {self._grouping} and {grouping}, which tell the"
                " same usage twice: keep one of them"
            )
        self._grouping = grouping

    def _add(self, said: Parsed, record: Record) -> None:
        self._check_grouping(record)
        foreign = self._whose(record)
        if foreign is not None:
            amount = self.form.amount(record)
            sums = self._foreign[self._month(foreign.month), foreign]
            sums[0] += 1
            sums[1] += amount
            said.foreign += 1
            return
        rows = self.form.read(record, self.bill)
        months = [self._month(row.pop("month", None)) for _, row in rows]
        raw = record.raw()
        for (table, row), month in zip(rows, months, strict=True):
            full = {
                "provider": self.form.provider,
                "billing_account": self.bill.account,
                **row,
                **_period(month),
                "record_no": self.records,
                "raw_row": raw,
            }
            said.rows.setdefault(table, []).append(full)
            if (day := full.get("charge_period_start")) is not None:
                self.days.add(day.date())
            counted = self._counts[month, full["provider"], full["billing_account"]]
            if counted[1] != self.records:
                counted[0] += 1
                counted[1] = self.records

    def _whose(self, record: Record) -> Foreign | None:
        kind = tuple(str(record.value(column)) for column in self.form.whose)
        if kind not in self._kinds:
            if len(self._kinds) >= _KINDS:
                self._kinds.clear()
            self._kinds[kind] = self.form.foreign(record)
        return self._kinds[kind]

    def _month(self, said: date | None) -> date:
        known = self.export.month
        if said is not None and known is not None and said != known:
            raise RowError("billing period", f"not the export's, {known:%Y-%m}")
        month = said or known
        if month is None:
            raise RowError("billing period", "missing")
        self.months.add(month)
        return month

    def _reject(self, error: RowError, place: Place) -> Reject:
        literal = place.literal
        return Reject(
            self.records,
            error.reason,
            error.field,
            offset=place.offset,
            length=None if literal is None else len(literal),
            hash=None if literal is None else hashlib.blake2b(literal, digest_size=16).hexdigest(),
        )

    def _end(self) -> Parsed:
        if self.export.month is not None:
            self.months.add(self.export.month)
        periods = {key: tuple(counted) for key, counted in self._counts.items()}
        # a month without a row of ours is said, too: it may replace one that had some
        told = {month for month, _, _ in periods}
        for month in self.months - told:
            others = {self._of(whose) for first, whose in self._foreign if first == month}
            for provider, account in others or {self._of(None)}:
                periods[month, provider, account] = (0, 0)
        buckets = [
            {
                **_period(month),
                "provider": provider,
                "billing_account": account,
                "record_no": max(last, 0),
                "pull_id": self.export.name,
                "pulled_at": self.export.moment,
                "row_count": count,
            }
            for (month, provider, account), (count, last) in sorted(periods.items())
        ]
        return Parsed(0, {"bill_buckets": buckets, "foreign_charges": self._foreign_rows()})

    def _of(self, foreign: Foreign | None) -> tuple[str, str]:
        """Provider and account of what is not ours."""
        provider = foreign.provider if foreign else None
        account = foreign.account if foreign else None
        return provider or self.form.provider or self.bill.format, account or self.bill.account

    def _foreign_rows(self) -> list[Row]:
        return [
            {
                **_period(month),
                **dict(zip(("provider", "billing_account"), self._of(foreign), strict=True)),
                "record_no": 0,
                "service": foreign.service,
                "charge_category": foreign.category,
                "row_count": int(count),
                "billed_cost_in_billing_currency": rounded(cost, 12),
                "billing_currency": foreign.currency,
            }
            for (month, foreign), (count, cost) in self._foreign.items()
        ]


def _period(month: date) -> Row:
    start, end = Month(month).span
    return {"report": EXPORT, "grouping": "", "bucket_start": start, "bucket_end": end}
