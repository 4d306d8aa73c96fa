"""Helicone's requests: what its export tool writes, and rows of its ClickHouse.

The tool writes JSON lines, a JSON list or a CSV of twelve columns; saved pages of
`/v1/request/query-clickhouse` are read as its lines are. Rows of `request_response_rmt` come as
ClickHouse's JSONEachRow or CSVWithNames, or as the CSV of a query of Helicone's page. What
Helicone logs of tools and vector databases is no call of a model.
"""

from functools import partial
from typing import Any, Final

import msgspec

from ingestion.gateways.helicone.record import EXPECTED, STATUS, TIME
from ingestion.gateways.helicone.row import told_of
from ingestion.gateways.helicone.tokens import SEMANTICS
from ingestion.gateways.spans.collecting import ContextRecords, Told
from ingestion.reading.collecting import logged_text, whole_lines
from ingestion.reading.exact_numbers import json_number
from ingestion.reading.records.csv_records import csv_records, is_cut_off
from ingestion.reading.records.decompression import Decompressed
from ingestion.reading.records.json_records import BOM, json_records
from ingestion.reading.unreadable import Unreadable, misfit
from ingestion.reading.usage.token_counts import UsageSemantics
from ingestion.records import Parsed
from ingestion.workspace.sources import Gateway

READER_VERSION: Final = "2"
# As ClickHouse writes NULL into CSV.
NULLS: Final = ("", "\\N")
_RECORD: Final = msgspec.json.Decoder(dict[str, Any], float_hook=json_number)


def usage_semantics(gateway: Gateway) -> UsageSemantics:
    return SEMANTICS


def read_object(data: bytes, name: str, gateway: Gateway) -> Parsed:
    """Rows of "requests", one for each call of a model, and where it stands in its session."""
    collected = ContextRecords(gateway.named, gateway.limits)
    content = logged_text(data, gateway.limits)
    if content.data.removeprefix(BOM).lstrip()[:1] in (b"{", b"[", b""):
        return _json(content, collected)
    return _csv(content, collected)


def _json(content: Decompressed, collected: ContextRecords) -> Parsed:
    records, end = json_records(content.data, damaged=content.damage is not None, pages=True)
    for offset, record in records:
        if collected.is_full(record, offset):
            return collected.parsed
        collected.add_told(record, offset, _of_json)
    return collected.finish(content, end)


def _of_json(literal: bytes) -> Told:
    try:
        return told_of(_RECORD.decode(literal))
    except msgspec.ValidationError as error:
        raise misfit(error) from None
    except msgspec.DecodeError:
        raise Unreadable(None, "not JSON") from None
    except UnicodeDecodeError:
        raise Unreadable(None, "not UTF-8") from None


def _csv(content: Decompressed, collected: ContextRecords) -> Parsed:
    whole = whole_lines(content)
    end = None if content.damage is None else len(whole)
    header: list[str] | None = None
    for offset, literal, fields in csv_records(whole, ","):
        if header is None:
            header = [column.strip() for column in fields]
            if TIME not in header or not set(STATUS) & set(header):
                collected.add_told(literal, offset, partial(_refused, EXPECTED))
                break
        elif offset + len(literal) == len(whole) and is_cut_off(literal, fields, header):
            end = offset
        elif collected.is_full(literal, offset):
            return collected.parsed
        else:
            collected.add_told(literal, offset, partial(_of_fields, header, fields))
    return collected.finish(content, end)


def _of_fields(header: list[str], fields: list[str], literal: bytes) -> Told:
    if len(fields) != len(header):
        _refused(f"{len(fields)} fields where the header has {len(header)}", literal)
    cells = zip(header, fields, strict=True)
    return told_of({name: cell for name, cell in cells if cell not in NULLS})


def _refused(reason: str, literal: bytes) -> Told:
    raise Unreadable(None, reason)
