"""LiteLLM's logs: StandardLoggingPayload objects and rows of LiteLLM_SpendLogs.

Objects of `s3_v2`, `s3`, GCS and Azure, one request each or NDJSON batches, plain, gzip or zstd,
saved pages of `/spend/logs/v2` and the table itself as CSV, of releases 1.55 to 1.110. Both sinks
of one proxy may be read: an attempt has the same request_key in both, and the log object, which
has the client's metadata, is kept. SpendLogs has no row for a failed attempt that a retry or
fallback rescued; S3 lacks what a terminated proxy had not uploaded yet.
"""

from typing import Final

import msgspec

from ingestion.gateways.litellm.collecting import LiteLLMRecords
from ingestion.gateways.litellm.record import ABSENT, NOTHING, Record
from ingestion.gateways.litellm.row import litellm_rows
from ingestion.gateways.litellm.spendlogs import spendlogs_record
from ingestion.gateways.litellm.usage.counts import SEMANTICS
from ingestion.gateways.litellm.values import day_of
from ingestion.reading.collecting import Collected, logged_text, read_json_records
from ingestion.reading.records.decompression import Decompressed
from ingestion.reading.records.json_records import BOM, without_half_characters
from ingestion.reading.unreadable import Unreadable, misfit, shown
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "7"

# Parts that no money hangs on: where one is of an unknown shape, the row lands without it.
DISPENSABLE: Final = frozenset(
    ("cost_breakdown", "error_information", "hidden_params", "model_parameters")
)
EXPECTED: Final = (
    "no LiteLLM record: expected a log object (id, startTime, model), a row of LiteLLM_SpendLogs "
    "(request_id, startTime, model), a page of such rows in `data`, or a CSV of them with a header"
)
# of the table as CSV, beside other columns
HEADER: Final = frozenset((b"request_id", b"startTime", b"model"))
LONGEST_HEADER: Final = 8192
SPENDLOGS_RANK: Final = 1
LOG_OBJECT_RANK: Final = 2
# counts as a text or as 12.0 are counts too
_RECORD: Final = msgspec.json.Decoder(Record, strict=False)
_SHAPE: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return SEMANTICS


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one per record and inner call; what cannot be one is a reject."""
    content = logged_text(data, gateway.limits)
    if _is_csv(content):
        # a folder of log objects needs none of it
        from ingestion.gateways.litellm.csv_rows import read_csv

        return read_csv(content, _dated, Collected(gateway.named, gateway.limits))
    collected = LiteLLMRecords(gateway.named, gateway.limits, content=content.data)
    return read_json_records(content, _dated_rows, collected, pages=True)


def _dated_rows(literal: bytes, record_no: int) -> list[Row]:
    return _dated(literal, literal)


def _dated(literal: bytes, logged: bytes) -> list[Row]:
    """`logged` are the record's own bytes, where the literal is what was made of them."""
    try:
        return _rows(literal, logged)
    except Unreadable as refusal:
        _complete(refusal, literal)
        raise


def _complete(refusal: Unreadable, literal: bytes) -> None:
    """What else the record says of its refusal: its day, and the value that stands at the field."""
    try:
        shape = _SHAPE.decode(literal)
        refusal.day = day_of(shape.get("startTime", msgspec.Raw(b"null")))
        if refusal.field is not None and refusal.value is None:
            value = msgspec.json.decode(literal)
            for part in refusal.field.split("."):
                value = value[part]
            refusal.value = shown(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, TypeError):
        return


def _rows(literal: bytes, logged: bytes) -> list[Row]:
    try:
        return _read(literal, logged)
    except msgspec.ValidationError as error:
        repaired = _without_section(literal, misfit(error))
    except msgspec.DecodeError:
        repaired = without_half_characters(literal)
        if repaired == literal:
            raise Unreadable(None, "not JSON") from None
    except UnicodeDecodeError:
        raise Unreadable(None, "not UTF-8") from None
    except RecursionError:
        raise Unreadable(None, "nested too deeply") from None
    return _rows(repaired, logged)


def _read(literal: bytes, logged: bytes) -> list[Row]:
    try:
        record = _RECORD.decode(literal)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        if not _is_spendlogs(literal):
            raise
        return litellm_rows(spendlogs_record(literal), logged, SPENDLOGS_RANK)
    if record.request_id != ABSENT and _is_spendlogs(literal):
        return litellm_rows(spendlogs_record(literal), logged, SPENDLOGS_RANK)
    if bytes(record.started) == b"null" and "startTime" not in _SHAPE.decode(literal):
        raise Unreadable(None, EXPECTED)
    return litellm_rows(record, logged, LOG_OBJECT_RANK)


def _without_section(literal: bytes, refusal: Unreadable) -> bytes:
    """The record without the part that was refused; raises the refusal where money hangs on it."""
    section = (refusal.field or "").partition(".")[0]
    if section not in DISPENSABLE:
        raise refusal
    try:
        record = _SHAPE.decode(without_half_characters(literal))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise refusal from None
    return msgspec.json.encode(record | {section: NOTHING})


def _is_csv(content: Decompressed) -> bool:
    """Whether the first line is a header of the table; no object of JSON begins like one."""
    first = content.data[:LONGEST_HEADER].removeprefix(BOM).lstrip()
    if first.startswith((b"{", b"[")):
        return False
    names = first.partition(b"\n")[0].split(b",")
    return {name.strip().strip(b'"') for name in names} >= HEADER


def _is_spendlogs(literal: bytes) -> bool:
    """By content: the table has `request_id` where log objects have `id`."""
    if b'"request_id"' not in literal:
        return False
    shape = _SHAPE.decode(literal)
    return "request_id" in shape and bytes(shape.get("startTime", msgspec.Raw())).startswith(b'"')
