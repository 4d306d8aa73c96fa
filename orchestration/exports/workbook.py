"""The tables of a month as one XLSX workbook, a sheet each, the same bytes every time."""

import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from orchestration.exports.tables import Cell, ExportTable
from orchestration.terminal.csv_text import plain

# Of no run: the workbook of the same tables is the same file.
CREATED: Final = datetime(2000, 1, 1)  # noqa: DTZ001, the format has no zone
# What a sheet holds: rows below its header, letters of a cell.
ROWS: Final = 2**20 - 1
LETTERS: Final = 2**15 - 1
# Letters of a column: as its header and first rows need, and no wider than a page takes.
NARROWEST: Final = 8
WIDEST: Final = 40
LOOKED_AT: Final = 1000
CHOICES: Final = {
    "in_memory": True,
    **dict.fromkeys(
        ("strings_to_numbers", "strings_to_formulas", "strings_to_urls", "nan_inf_to_errors"), False
    ),
}


def workbook_bytes(sheets: Mapping[str, ExportTable], rows: int = ROWS) -> bytes:
    """Numbers are numbers, of which a spreadsheet keeps 15 digits; text is text, whatever it looks
    like. What is more than a sheet's `rows` goes on in another one.
    """
    # 0.1 s of import, which no run with nothing new waits for
    from xlsxwriter import Workbook

    file = io.BytesIO()
    workbook = Workbook(file, CHOICES)
    workbook.set_properties({"created": CREATED})
    formats: dict[int, Any] = {}
    header = workbook.add_format({"bold": True})
    for name, table in sheets.items():
        for title, part in _parts(name, table, rows):
            _write(workbook, formats, header, title, part)
    workbook.close()
    return file.getvalue()


def _parts(name: str, table: ExportTable, rows: int) -> Iterator[tuple[str, ExportTable]]:
    for number, start in enumerate(range(0, max(len(table.rows), 1), rows), start=1):
        title = name if number == 1 else f"{name} {number}"
        yield title, ExportTable(table.columns, table.rows[start : start + rows])


def _write(
    workbook: Any, formats: dict[int, Any], header: Any, title: str, table: ExportTable
) -> None:
    sheet = workbook.add_worksheet(title)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    for column, name in enumerate(table.columns):
        sheet.set_column(column, column, _width(table, column))
        sheet.write_string(0, column, name, header)
    for number, row in enumerate(table.rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, Decimal | int) and not isinstance(value, bool):
                shown = _format(workbook, formats, value)
                sheet.write_number(number, column, float(value), shown)
            elif value is not None:
                sheet.write_string(number, column, plain(value)[:LETTERS])


def _width(table: ExportTable, column: int) -> int:
    texts = (plain(row[column]) for row in table.rows[:LOOKED_AT] if row[column] is not None)
    # a filter's arrow stands in the header
    most = max(len(table.columns[column]) + 3, *map(len, texts), NARROWEST)
    return min(most + 1, WIDEST)


def _format(workbook: Any, formats: dict[int, Any], value: Cell) -> Any:
    """As many places as the value is written with; whole numbers need none."""
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    if not places:
        return None
    if places not in formats:
        formats[places] = workbook.add_format({"num_format": f"0.{'0' * places}"})
    return formats[places]
