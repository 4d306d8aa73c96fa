"""Bill format `opencost`: allocations of a Kubernetes cluster with GPUs, a line of JSON each.

What a workload with GPUs cost is money of its model; what of the GPUs nobody had is idle capacity.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from ingestion.bills.lines.amounts import RowError, currency, rounded
from ingestion.bills.lines.charge_row import charge
from ingestion.bills.tables.exports import Month, each_folder, month_of
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Foreign, Rows, TableFormat
from ingestion.records import Row
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "1"

# OpenCost's own words for what is of no workload.
_IDLE: Final = "__idle__"
_NOBODY: Final = "__"
# Labels that name a model, the surest first; else the name of the controller is one.
LABELS: Final = ("model", "model_name", "llm_model", "llm_d_ai_model", "app_kubernetes_io_name")
_IDLE_PARTS: Final = ("gpuCostIdle", "cpuCostIdle", "ramCostIdle")
_DOLLARS: Final = "USD"  # what OpenCost counts in unless its prices are another's


def _foreign(record: Record) -> Foreign | None:
    if any(record.number(column) for column in ("gpuCost", "gpuHours")):
        return None
    namespace = record.text_within("properties", "namespace")
    service = _IDLE if _is_idle(record) else namespace or record.needed("name")
    return Foreign(service, "Usage", _currency(record), month_of(_span(record)[0]))


def _is_idle(record: Record) -> bool:
    """`cluster-one/__idle__` where it is by cluster."""
    return record.needed("name").endswith(_IDLE)


def _currency(record: Record) -> str:
    return currency(record.value("currency") or _DOLLARS, "currency")


def _span(record: Record) -> tuple[datetime, datetime]:
    start, end = (_instant(record, part) for part in ("start", "end"))
    if end > Month(month_of(start)).span[1]:
        raise RowError("window", "ends in another month: ask for it by the hour or day")
    return start, end


def _instant(record: Record, part: str) -> datetime:
    said = record.text_within("window", part)
    try:
        moment = datetime.fromisoformat(said or "")
    except ValueError:
        raise RowError(f"window.{part}", "not a time" if said else "missing") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read(record: Record, bill: Bill) -> Rows:
    if _is_idle(record):
        cost = _cost(record, "gpuCost") + _cost(record, "gpuCostAdjustment")
        return [("charges", _row(record, "capacity", cost))]
    # where the answer has shared what was idle, each workload says its part
    idle = sum((_cost(record, part) for part in _IDLE_PARTS), Decimal(0))
    used = record.money("totalCost") - idle
    rows = [_row(record, "tokens" if _model(record) else "unparsed", used)]
    if idle:
        rows.append(_row(record, "capacity", idle))
    return [("charges", row) for row in rows]


def _cost(record: Record, column: str) -> Decimal:
    return rounded(record.number(column) or Decimal(0), 12)


def _row(record: Record, kind: str, cost: Decimal) -> Row:
    start, end = _span(record)
    month: date = month_of(start)
    is_used = kind == "tokens"
    return charge(
        kind,
        cost,
        month=month,
        charge_period_start=start,
        charge_period_end=end,
        sub_account_id=record.text_within("properties", "namespace"),
        charge_category="Usage",
        charge_description=_described(record) + (": idle" if kind == "capacity" else ""),
        model=_model(record) if is_used else None,
        consumed_quantity=record.quantity("gpuHours") if kind != "capacity" else None,
        consumed_unit="GPU hours" if kind != "capacity" else None,
        billing_currency=_currency(record),
    )


def _model(record: Record) -> str | None:
    """As a label says, else as the controller is called: models.csv says what that is."""
    labels: Any = record.within("properties", "labels")
    said = [labels.get(name) for name in LABELS] if isinstance(labels, dict) else []
    said.append(record.text_within("properties", "controller"))
    return next(
        (word for word in said if isinstance(word, str) and word and word[:2] != _NOBODY), None
    )


def _described(record: Record) -> str:
    parts = ("cluster", "namespace", "controller")
    said = [text for part in parts if (text := record.text_within("properties", part))]
    return "/".join(said) or record.needed("name")


FORMAT: Final = TableFormat(
    provider="own",
    exports=each_folder,
    needs=("name", "properties", "window", "gpuCost", "totalCost"),
    whose=("name", "properties", "window", "gpuCost", "gpuHours", "currency"),
    foreign=_foreign,
    amount=lambda record: record.money("totalCost"),
    read=_read,
)
