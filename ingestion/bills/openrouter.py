"""Bill format `openrouter`: what its Activity page exports, and pages of `/api/v1/activity`, pulled
day by day or saved.

The API and the page's daily export have a row for each completed UTC day, model and endpoint; the
page's log has one for each generation. Credits are dollars. What a company's own key paid upstream
(`byok_usage_inference`) stands on the upstream's bill, so it is no charge here.
"""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from ingestion.bills.lines.amounts import RowError
from ingestion.bills.lines.charge_row import charge
from ingestion.bills.tables.exports import month_of
from ingestion.bills.tables.pulled_days import days_and_files
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Foreign, Rows, SavedPage, TableFormat
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "2"

# Columns of the page's exports -> those of the API.
_COLUMNS: Final = {
    "slug": "model",
    "byok_usage": "byok_usage_inference",
    # of the log of generations
    "created_at": "date",
    "cost_total": "usage",
    "tokens_prompt": "prompt_tokens",
    "tokens_completion": "completion_tokens",
    "tokens_reasoning": "reasoning_tokens",
}
_NO_VARIANT: Final = (None, "standard")


def _column(name: str) -> str:
    """`BYOK Usage` is `byok_usage_inference`."""
    word = re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")
    return _COLUMNS.get(word, word)


def _foreign(record: Record) -> Foreign | None:
    """OpenRouter sells nothing else."""
    return None


def _read(record: Record, bill: Bill) -> Rows:
    start, end = _period(record)
    model, tokens = _model(record), _tokens(record)
    row = charge(
        "tokens" if model else "unparsed",
        record.money("usage"),
        month=month_of(start),
        charge_period_start=start,
        charge_period_end=end,
        sub_account_id=record.text("workspace_id"),
        credential_id=record.text("api_key_name"),
        charge_description=_described(record, model),
        model=model,
        consumed_quantity=tokens,
        consumed_unit=None if tokens is None else "tokens",
        billing_currency="USD",
    )
    return [("charges", row)]


def _period(record: Record) -> tuple[datetime, datetime]:
    """A generation's hour, else the day."""
    moment = record.instant("date")
    hour = moment.replace(minute=0, second=0, microsecond=0)
    if record.value("generation_id") is not None:
        return hour, hour + timedelta(hours=1)
    return hour.replace(hour=0), hour.replace(hour=0) + timedelta(days=1)


def _model(record: Record) -> str | None:
    """The slug that callers ask for; the log of generations has the model's permanent one alone."""
    slug = record.text("model")
    if slug is not None:
        return slug
    slug, variant = record.text("model_permaslug"), record.text("variant")
    if slug is None or variant in _NO_VARIANT or ":" in slug:
        return slug
    return f"{slug}:{variant}"


def _tokens(record: Record) -> Decimal | None:
    """Prompt and completion, which contain what was cached and the reasoning.

    Of an own key none: the upstream bills them, and what stands here is the fee for routing them.
    """
    if _is_own_key(record):
        return None
    counts = [record.quantity(name) for name in ("prompt_tokens", "completion_tokens")]
    known = [each for each in counts if each is not None]
    if any(each < 0 for each in known):
        raise RowError("prompt_tokens", "negative count")
    return sum(known, Decimal(0)) if known else None


def _described(record: Record, model: str | None) -> str:
    said = model or "OpenRouter usage"
    host = record.text("provider_name")
    by = f"{said} by {host}" if host else said
    return f"{by}, own key" if _is_own_key(record) else by


def _is_own_key(record: Record) -> bool:
    return bool(record.number("byok_usage_inference"))


FORMAT: Final = TableFormat(
    provider="openrouter",
    exports=days_and_files,
    needs=("date", "usage"),
    whose=(),
    foreign=_foreign,
    amount=lambda record: record.money("usage"),
    read=_read,
    column=_column,
    days_in_one_file=True,
    page=SavedPage("data"),
)
