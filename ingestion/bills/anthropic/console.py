"""Bill format `anthropic_csv`: the cost page of Anthropic's console, exported.

No page of Anthropic's names the columns: they are those of exports that people have published,
since 2024. Each row is a day's dollars of one kind of token of a model, by API key.
"""

import re
from datetime import datetime, timedelta
from typing import Final

from ingestion.bills.anthropic.console_models import model_of
from ingestion.bills.anthropic.keys import FAST, METERS, TOOLS
from ingestion.bills.lines.charge_row import charge, worded_kind
from ingestion.bills.tables.exports import all_files, month_of
from ingestion.bills.tables.record import Record
from ingestion.bills.tables.table_format import Foreign, Rows, TableFormat
from ingestion.workspace.sources import Bill

READER_VERSION: Final = "2"

# Seen, the one for all cache writes until 2025; the API's own words are taken, too.
_TOKENS: Final = {
    "input_no_cache": "input",
    "input_cache_read": "cache_read",
    "input_cache_write_5m": "cache_write_5m",
    "input_cache_write_1h": "cache_write_1h",
    "input_cache_write": "cache_write_5m",
    "output": "output",
    **METERS,
}
# `message` and `standard` were seen; that a batch is called so is a guess.
_TIERS: Final = (
    (re.compile(r"\bbatch", re.IGNORECASE), "batch"),
    (re.compile(r"\bpriority\b", re.IGNORECASE), "priority"),
    (re.compile(r"messages?|standard", re.IGNORECASE), "standard"),
)
# `≤ 200k` was seen; how the other band is written is a guess.
_BANDS: Final = (
    (re.compile(r"(?:≤|<=|0 ?-|up to) ?200k", re.IGNORECASE), "base"),
    (re.compile(r"(?:>|200k ?-).*", re.IGNORECASE), "long"),
)
# What the API leaves empty, as it lands from there.
_DEFAULT: Final = "default"
_PARTS: Final = ("model", "usage_type", "cost_type", "token_type", "context_window", "speed")


def _foreign(record: Record) -> Foreign | None:
    """Anthropic sells nothing else."""
    return None


def _read(record: Record, bill: Bill) -> Rows:
    start = _midnight(record)
    kind, meter = _kind(record)
    workspace, geo = record.text("workspace"), record.text("inference_geo")
    row = charge(
        kind,
        record.money("cost_usd"),
        month=month_of(start),
        charge_period_start=start,
        charge_period_end=start + timedelta(days=1),
        sub_account_id=_DEFAULT if (workspace or "").lower() in ("", _DEFAULT) else workspace,
        sub_account_name=workspace,
        credential_id=record.text("api_key_id") or record.text("api_key"),
        charge_description=_described(record),
        model=model_of(record.text("model")),
        meter=meter,
        service_tier=_tier(record),
        context_band=_first(_BANDS, record.text("context_window")),
        region=None if geo == "not_available" else geo,
        billing_currency="USD",
    )
    return [("charges", row)]


def _midnight(record: Record) -> datetime:
    moment = record.instant("usage_date_utc")
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _kind(record: Record) -> tuple[str, str | None]:
    cost_type = (record.text("cost_type") or "token").lower()
    token_type = (record.text("token_type") or "").lower()
    for word in (cost_type, token_type):
        if word in TOOLS:
            return TOOLS[word]
    if cost_type.removesuffix("s") == "token" and token_type in _TOKENS:
        meter = _TOKENS[token_type]
        return ("tool" if meter == "web_searches" else "tokens"), meter
    # a model's own line is never a credit or a tax, whatever words its name has
    said = _described(record).replace("_", " ")
    return (worded_kind(said) if record.text("model") is None else None) or "unparsed", None


def _tier(record: Record) -> str | None:
    if (record.text("speed") or "").lower() == FAST:
        return FAST
    return _first(_TIERS, (record.text("usage_type") or "").replace("_", " "))


def _first(patterns: tuple[tuple[re.Pattern[str], str], ...], said: str | None) -> str | None:
    return next((name for pattern, name in patterns if pattern.match(said or "")), None)


def _described(record: Record) -> str:
    said = (record.text(part) for part in _PARTS)
    return ", ".join(each for each in said if each) or "Anthropic costs"


FORMAT: Final = TableFormat(
    provider="anthropic",
    exports=all_files,
    needs=("usage_date_utc", "model", "cost_usd"),
    whose=(),
    foreign=_foreign,
    amount=lambda record: record.money("cost_usd"),
    read=_read,
    column=lambda name: name.strip().lower().replace(" ", "_"),
    days_in_one_file=True,
)
