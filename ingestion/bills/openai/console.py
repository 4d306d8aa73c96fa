"""Bill format `openai_csv`: the costs that OpenAI's dashboard exports, comma or tab separated.

No page of OpenAI's names the columns: they are those of exports that people have published. Each is
a key of `organization/costs`, so its rows are read as that report's are.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from ingestion.bills.lines.amounts import RowError
from ingestion.bills.openai.costs import cost_row
from ingestion.bills.tables.exports import all_files, month_of
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Foreign, Rows, TableFormat
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "2"

_KEYS: Final = (
    *("line_item", "quantity", "quantity_unit"),
    *("project_id", "project_name", "api_key_id", "user_id"),
)
_SECONDS: Final = re.compile(r"\d{9,11}")


def _column(name: str) -> str:
    """`Amount Value` and `amount.value` are `amount_value`."""
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")


def _day(record: Record) -> tuple[datetime, datetime]:
    start = _instant(record, "start_time")
    end = start + timedelta(days=1)
    if record.value("end_time") is not None:
        end = _instant(record, "end_time")
    if end <= start:
        raise RowError("end_time", "not after start_time")
    return start, end


def _instant(record: Record, column: str) -> datetime:
    """Unix seconds, or a time as it is written."""
    said = record.text(column)
    if said is None or not _SECONDS.fullmatch(said):
        return record.instant(column)
    return datetime.fromtimestamp(int(said), UTC)


def _foreign(record: Record) -> Foreign | None:
    """The export has a line for each day, also for those that nothing was billed for."""
    if record.value("amount_currency") is not None:
        return None
    return Foreign("a day without costs", "Usage", "USD", month_of(_day(record)[0]))


def _nothing(record: Record) -> Decimal:
    if record.value("amount_value") is not None:
        raise RowError("amount_currency", "missing")
    return Decimal(0)


def _read(record: Record, bill: Bill) -> Rows:
    start, end = _day(record)
    amount = {part: record.value(f"amount_{part}") for part in ("value", "currency")}
    result = {"amount": amount, **{key: record.value(key) for key in _KEYS}}
    try:
        row = cost_row(
            result, month=month_of(start), charge_period_start=start, charge_period_end=end
        )
    except RowError as error:
        raise RowError(error.field.replace(".", "_"), error.reason) from None
    return [("charges", row)]


FORMAT: Final = TableFormat(
    provider="openai",
    exports=all_files,
    needs=("start_time", "amount_value", "amount_currency"),
    whose=("start_time", "end_time", "amount_currency"),
    foreign=_foreign,
    amount=_nothing,
    read=_read,
    column=_column,
    days_in_one_file=True,
)
