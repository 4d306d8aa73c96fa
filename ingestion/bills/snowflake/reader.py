"""Bill format `snowflake`: rows of the Cortex views of ACCOUNT_USAGE, with the price of a credit.

Their times are of the account's zone: each has to say its distance from UTC, whose month counts.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from ingestion.bills.lines.amounts import RowError, exact, product, rounded
from ingestion.bills.lines.charge_row import charge
from ingestion.bills.lines.json_values import json_value
from ingestion.bills.lines.units import unit_of
from ingestion.bills.snowflake.functions import is_ai, read_function
from ingestion.bills.tables.exports import each_folder, month_of
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Foreign, Rows, TableFormat
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "2"

# The same column by its name in another view.
_COLUMNS: Final = {
    **dict.fromkeys(("USAGE_TIME", "INTERVAL_START_TIME", "USAGE_DATE"), "START_TIME"),
    "INTERVAL_END_TIME": "END_TIME",
    **dict.fromkeys(("TOKEN_CREDITS", "CREDITS_USED", "PTU_CREDITS"), "CREDITS"),
}
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_SECONDS: Final = re.compile(r"\d{9,10}(?:\.\d+)?")  # as the SQL API says a time with a local zone
_OFFSET: Final = re.compile(r" (?=[+-]\d\d:?\d\d$|Z$)")
_METERS: Final = {"input": "input", "output": "output", "cache_read_input": "cache_read"}


def _column(name: str) -> str:
    upper = name.strip().upper()
    return _COLUMNS.get(upper, upper)


def _instant(record: Record, column: str) -> datetime:
    """A time that says its zone; a day is one of UTC, as Snowflake's daily views have them."""
    value = record.value(column)
    if isinstance(value, str):
        text = value.strip()
        if _SECONDS.fullmatch(text):
            return datetime.fromtimestamp(int(text.partition(".")[0]), UTC)
        if _DAY.fullmatch(text):
            return record.instant(column)
        value = _parsed(_OFFSET.sub("", text))
    if isinstance(value, datetime) and value.tzinfo is None:
        raise RowError(column, "says no zone: export it with its offset from UTC")
    if value is None or isinstance(value, str):
        raise RowError(column, "missing" if record.value(column) is None else "not a time")
    return value.astimezone(UTC) if isinstance(value, datetime) else record.instant(column)


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _foreign(record: Record) -> Foreign | None:
    service = record.text("SERVICE_TYPE")
    if is_ai(service):
        return None
    return Foreign(service or "", "Usage", record.currency("CURRENCY"), _month(record))


def _month(record: Record) -> date:
    return month_of(_instant(record, "START_TIME"))


def _read(record: Record, bill: Bill) -> Rows:
    function, model = record.text("FUNCTION_NAME"), record.text("MODEL_NAME")
    kind, meter = read_function(function, model)
    unit, quantity, meter = _used(record, meter)
    user = record.text("USER_ID") or record.text("USER_NAME")
    start = _instant(record, "START_TIME")
    service = record.text("SERVICE_TYPE")
    said = (function or service or "no function", model, record.text("QUERY_TAG"))
    row = charge(
        kind,
        _cost(record),
        month=month_of(start),
        charge_period_start=start,
        charge_period_end=_end(record, start),
        credential_id=user,
        principal_id=user,
        charge_description=": ".join(text for text in said if text)[:256],
        model=model,
        meter=meter if kind in ("tokens", "tool") else None,
        consumed_quantity=quantity,
        consumed_unit=unit,
        billing_currency=record.currency("CURRENCY"),
    )
    return [("charges", row)]


def _end(record: Record, start: datetime) -> datetime:
    """Of views without an end: the hour, or the day where the time is one."""
    if record.value("END_TIME") is not None:
        return _instant(record, "END_TIME")
    is_day = _DAY.fullmatch(str(record.value("START_TIME")).strip()) is not None
    return start + (timedelta(days=1) if is_day else timedelta(hours=1))


def _cost(record: Record) -> Decimal:
    credits = exact(record.number("CREDITS"), "CREDITS")
    price = exact(record.number("CREDIT_PRICE"), "CREDIT_PRICE")
    return rounded(product(credits, price), 12)


def _used(record: Record, meter: str | None) -> tuple[str | None, Decimal | None, str | None]:
    """(unit, quantity, meter) of METRICS. Credits are one sum: input and output together are of no
    meter, and their tokens stay in `raw_row`."""
    metrics = list(_metrics(record))
    if len(metrics) != 1:
        return None, None, meter
    [(metric, written, value)] = metrics
    unit, factor = unit_of(written)
    quantity = rounded(product(exact(value, "METRICS"), factor), 6)
    return unit, quantity, meter or _METERS.get(metric)


def _metrics(record: Record) -> Iterator[tuple[str, str, Any]]:
    said = record.value("METRICS")
    if isinstance(said, str):
        try:
            said = json_value(said)
        except ValueError:
            raise RowError("METRICS", "not JSON") from None
    for each in said or ():
        key = each.get("key") if isinstance(each, Mapping) else None
        if not isinstance(key, Mapping):
            raise RowError("METRICS", "a list of what is no metric")
        yield str(key.get("metric")), str(key.get("unit")), each.get("value")


FORMAT: Final = TableFormat(
    provider="snowflake",
    exports=each_folder,
    needs=("START_TIME", "CREDITS", "CREDIT_PRICE", "CURRENCY"),
    whose=("SERVICE_TYPE", "CURRENCY", "START_TIME"),
    foreign=_foreign,
    amount=_cost,
    read=_read,
    column=_column,
    nulls=frozenset(("", "null", "NULL", "\\N")),
)
