"""Journals as files of a layout."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from orchestration.cents.largest_remainder import cents_text
from orchestration.exports.journals.layout import Column, Layout
from orchestration.exports.journals.lines import JournalError, Line, VendorAccount, pieces
from orchestration.exports.journals.values import (
    Posting,
    must_fill_segments,
    of_journal,
    of_line,
    places_of_dimensions,
)
from orchestration.terminal.csv_text import FORMULA_STARTS, csv_lines

# The only time that a ZIP can say without saying when it was made.
EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class JournalFile:
    """`lines` without the header; `debit`: cents, as many as credit."""

    name: str
    data: bytes
    journals: Sequence[str]
    lines: int
    debit: int


def journal_files(
    layout: Layout, posting: Posting, vendors: Sequence[VendorAccount]
) -> list[JournalFile]:
    """Raises JournalError, one sentence, before any file is made."""
    if posting.places > layout.places:
        raise JournalError(
            f"{posting.name}: {layout.title} takes {layout.places} decimal places,"
            f" {posting.currency} has {posting.places}"
        )
    if posting.reversed_on and not layout.reverses:
        raise JournalError(
            f"{posting.name}: {layout.title} has no field for the date that reverses an accrual"
        )
    lists = pieces(vendors, layout.most_lines)
    columns = _columns(layout, posting, [line for piece in lists for line in piece])
    keyed = [(posting.key(number), lines) for number, lines in enumerate(lists, start=1)]
    groups = [[each] for each in keyed] if layout.lines_a_file else [keyed] if keyed else []
    return [
        _file(layout, posting, columns, group, f"-{number}" if len(groups) > 1 else "")
        for number, group in enumerate(groups, start=1)
    ]


def _columns(layout: Layout, posting: Posting, lines: Sequence[Line]) -> list[Column]:
    """The layout's, and one for each dimension that has none, where the layout takes more."""
    without = _left_out(layout, posting)
    found = [column for column in layout.columns if column.name not in without]
    placed = places_of_dimensions(layout, posting) | {*posting.facts.get("ignore", ())}
    for name in sorted({name for line in lines for name in line.dimensions} - placed):
        if not layout.more_columns:
            raise JournalError(
                f"{posting.name}: accounts.csv names the dimension `{name}`, for which"
                f" {layout.title} has no column: take it away, or put it under `ignore`"
            )
        found.append(Column(name, [f"dimension.{name}"]))
    for column in found:
        _must_be_plain(_header(posting, column), f"{posting.name}: the header")
    return found


def _header(posting: Posting, column: Column) -> str:
    renamed: Mapping[str, str | None] = posting.facts.get("columns", {})
    return renamed.get(column.name) or column.name


def _must_be_plain(text: str, where: str) -> None:
    if text.startswith(FORMULA_STARTS) or not text.isprintable():
        raise JournalError(f"{where} is {text!r}, which a spreadsheet would run: rename it")


def _left_out(layout: Layout, posting: Posting) -> set[str]:
    """Columns that the entry leaves out; raises JournalError where the journal needs them."""
    known = {column.name: column for column in layout.columns}
    said: Mapping[str, str | None] = posting.facts.get("columns", {})
    for name, other in said.items():
        if name not in known:
            raise JournalError(
                f"{posting.name}: `columns` names `{name}`: known are {', '.join(known)}"
            )
        if other is None and known[name].is_amount:
            raise JournalError(
                f"{posting.name}: `columns` leaves out `{name}`, without which no journal balances"
            )
        if other is None and known[name].required:
            raise JournalError(f"{posting.name}: `columns` leaves out `{name}`, which is required")
    return {name for name, other in said.items() if other is None}


def _file(
    layout: Layout,
    posting: Posting,
    columns: Sequence[Column],
    journals: Sequence[tuple[str, Sequence[Line]]],
    suffix: str,
) -> JournalFile:
    rows = [[_header(posting, column) for column in columns]] if layout.header else []
    count = 0
    for key, lines in journals:
        rows += _rows(layout, posting, columns, key, lines, count)
        count += len(lines)
    data = csv_lines(rows).replace("\n", "\r\n").encode()
    name = f"{posting.batch}{suffix}" + (".zip" if layout.zip else ".csv")
    return JournalFile(
        name,
        _zipped(layout.zip, data) if layout.zip else data,
        [key for key, _ in journals],
        count,
        sum(line.cents for _, lines in journals for line in lines if line.cents > 0),
    )


def _rows(
    layout: Layout,
    posting: Posting,
    columns: Sequence[Column],
    key: str,
    lines: Sequence[Line],
    before: int,
) -> list[list[str]]:
    shared = of_journal(layout, posting, key)
    open_cents: dict[str, int] = {}
    made = []
    for number, line in enumerate(lines, start=1):
        values = shared | of_line(layout, posting, line)
        values |= {"line": str(number), "row": str(before + number)}
        must_fill_segments(posting, line, values)
        row = [""] * (layout.width or len(columns))
        for index, column in enumerate(columns):
            cell = _cell(posting, column, values, line)
            row[(column.position or index + 1) - 1] = cell
            if column.name == layout.entity:
                open_cents[cell] = open_cents.get(cell, 0) + line.cents
        made.append(row)
    if not layout.entity:
        open_cents[""] = sum(line.cents for line in lines)
    _must_balance(layout, posting, key, open_cents)
    return made


def _must_balance(
    layout: Layout, posting: Posting, key: str, open_cents: Mapping[str, int]
) -> None:
    for entity, cents in open_cents.items():
        if cents:
            of = f" for {layout.entity} `{entity}`" if layout.entity else ""
            raise JournalError(
                f"{posting.name}: journal {key} does not balance{of}:"
                f" {cents_text(cents, posting.places)} {posting.currency} are open; the account of"
                " a team and the payable of its vendor must be of one in accounts.csv"
            )


def _cell(posting: Posting, column: Column, values: Mapping[str, str], line: Line) -> str:
    found = (values[source] for source in column.sources if values.get(source))
    value = column.value or next(found, "")
    where = f"{posting.name}: {column.name} of `{line.memo}`"
    if column.required and not value:
        raise JournalError(f"{where} is empty, and it is required: say it in accounts.csv")
    if column.is_amount:
        whole = value.partition(".")[0].lstrip("-")
        if column.digits and len(whole) > column.digits:
            raise JournalError(f"{where} is {value}: it takes {column.digits} digits")
        return value
    _must_be_plain(value, where)
    if column.length and len(value) > column.length:
        if not column.cut:
            raise JournalError(
                f"{where} is `{value}`: it takes {column.length} characters: say a shorter one in"
                " the CSV that has it (accounts.csv, cost centres in teams.csv)"
            )
        value = value[: column.length].rstrip()
    return value


def _zipped(name: str, data: bytes) -> bytes:
    """The same bytes for the same data."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        entry = zipfile.ZipInfo(name, EPOCH)
        entry.external_attr = 0o644 << 16
        entry.create_system = 3
        archive.writestr(entry, data, zipfile.ZIP_DEFLATED, 9)
    return made.getvalue()
