"""The records of one object as rows, in whatever container they stand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from ingestion.gateways.generic.columns import Columns
from ingestion.gateways.generic.paths import ABSENT, value_at
from ingestion.gateways.generic.row import day_of, generic_row
from ingestion.reading.collecting import ToRow, bytes_hash
from ingestion.reading.exact_numbers import NOT_A_NUMBER, json_number
from ingestion.reading.unreadable import Unreadable
from ingestion.records import Row
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.object_limits import ObjectLimits

_SHAPE: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_VALUE: Final = msgspec.json.Decoder(Any, float_hook=json_number)
_JSON: Final = msgspec.json.Decoder(dict[str, Any], float_hook=json_number)


@dataclass(frozen=True, slots=True)
class ObjectRows:
    """Makes the rows of one object. `unseen` are the mapped columns that no record had so far."""

    object_name: str
    source: str
    columns: Columns
    named: NamedPlaces
    limits: ObjectLimits
    unseen: dict[str, str] = field(default_factory=dict)

    def of_json(self, literal: bytes, record_no: int) -> Row:
        try:
            record = _JSON.decode(literal)
        except msgspec.ValidationError:
            record = _field_by_field(literal)
        except msgspec.DecodeError:
            raise Unreadable(None, "not JSON") from None
        except UnicodeDecodeError:
            raise Unreadable(None, "not UTF-8") from None
        except RecursionError:
            raise Unreadable(None, "nested too deeply") from None
        return self.of_record(record, literal, record_no)

    def of_fields(self, header: list[str], fields: list[str]) -> ToRow:
        def to_row(literal: bytes, record_no: int) -> Row:
            if len(fields) != len(header):
                reason = f"{len(fields)} fields where the header has {len(header)}"
                raise Unreadable(None, reason, option="delimiter, or quotes around the fields")
            if not literal.isascii() and _is_broken(literal):
                raise Unreadable(None, "not UTF-8", option="save the log as UTF-8")
            return self.of_record(dict(zip(header, fields, strict=True)), literal, record_no)

        return to_row

    def of_record(self, record: Mapping[str, Any], literal: bytes, record_no: int) -> Row:
        for column in [name for name in self.unseen if value_at(record, name) is not ABSENT]:
            del self.unseen[column]

        def identity() -> str:
            # equal lines are legal, so the place is part of what tells them apart
            return f"{self.object_name}\n{record_no}\n{bytes_hash(literal)}"

        try:
            return generic_row(record, self.columns, self.source, identity)
        except Unreadable as refusal:
            refusal.day = day_of(record, self.columns)
            raise


def _field_by_field(literal: bytes) -> dict[str, Any]:
    """A record with a number that no decoder takes: it costs nothing where nobody reads it."""
    try:
        shape = _SHAPE.decode(literal)
    except msgspec.ValidationError:
        raise Unreadable(None, "not a JSON object") from None
    record: dict[str, Any] = {}
    for name, value in shape.items():
        try:
            record[name] = _VALUE.decode(value)
        except msgspec.ValidationError:
            record[name] = NOT_A_NUMBER
    return record


def _is_broken(literal: bytes) -> bool:
    try:
        literal.decode()
    except UnicodeDecodeError:
        return True
    return False
