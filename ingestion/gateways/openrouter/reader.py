"""OpenRouter's generations: saved answers of `/api/v1/generation`, and its page's export of them.

An answer has its generation in `data`; lines of answers or of generations, arrays and pages of
them are read too. The export is a CSV with the columns `generation_id` and `created_at`.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from ingestion.gateways.openrouter.row import EXPECTED, SEMANTICS, generation_row
from ingestion.reading.collecting import Collected, logged_text, read_json_records, whole_lines
from ingestion.reading.exact_numbers import json_number
from ingestion.reading.records.csv_records import csv_records, is_cut_off
from ingestion.reading.records.decompression import Decompressed
from ingestion.reading.records.json_records import BOM
from ingestion.reading.unreadable import Unreadable, misfit
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed, Row
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "2"
NEEDED: Final = frozenset(("generation_id", "created_at"))
_RECORD: Final = msgspec.json.Decoder(dict[str, Any], float_hook=json_number)


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return SEMANTICS


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each generation."""
    collected = Collected(gateway.named, gateway.limits)
    content = logged_text(data, gateway.limits)
    if content.data.removeprefix(BOM).lstrip()[:1] in (b"{", b"[", b""):
        return read_json_records(content, _of_json, collected, pages=True)
    return _csv(content, collected)


def _of_json(literal: bytes, record_no: int) -> Row:
    try:
        record = _RECORD.decode(literal)
    except msgspec.ValidationError as error:
        raise misfit(error) from None
    except msgspec.DecodeError:
        raise Unreadable(None, "not JSON") from None
    answered = record.get("data")
    return generation_row(answered if isinstance(answered, dict) else record)


def _csv(content: Decompressed, collected: Collected) -> Parsed:
    whole = whole_lines(content)
    end = None if content.damage is None else len(whole)
    header: list[str] | None = None
    for offset, literal, fields in csv_records(whole, ","):
        if header is None:
            header = [column.strip().lower() for column in fields]
            if not set(header) >= NEEDED:
                collected.add(literal, offset, _refused(EXPECTED))
                break
        elif offset + len(literal) == len(whole) and is_cut_off(literal, fields, header):
            end = offset
        elif collected.is_full(literal, offset):
            return collected.parsed
        else:
            collected.add(literal, offset, _of_fields(header, fields))
    return collected.finish(content, end)


def _of_fields(header: list[str], fields: list[str]) -> Callable[[bytes, int], Row]:
    if len(fields) != len(header):
        return _refused(f"{len(fields)} fields where the header has {len(header)}")
    record = {name: value for name, value in zip(header, fields, strict=True) if value}
    return lambda literal, record_no: generation_row(record)


def _refused(reason: str) -> Callable[[bytes, int], Row]:
    def refuse(literal: bytes, record_no: int) -> Row:
        raise Unreadable(None, reason)

    return refuse
