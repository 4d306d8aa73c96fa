"""The records of one object as rows, in whatever container they stand."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from ingestion.gateways.generic.columns import Columns
from ingestion.gateways.generic.paths import ABSENT, value_at
from ingestion.gateways.generic.row import day_of, generic_row
from ingestion.reading.collecting import Collected, ToRow, bytes_hash
from ingestion.reading.exact_numbers import NOT_A_NUMBER, json_number
from ingestion.reading.unreadable import ODD, Unreadable
from ingestion.records import Row
from ingestion.workspace.named_places import NamedPlaces
from ingestion.workspace.sections.object_limits import ObjectLimits

_SHAPE: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_VALUE: Final = msgspec.json.Decoder(Any, float_hook=json_number)
_JSON: Final = msgspec.json.Decoder(dict[str, Any], float_hook=json_number)


@dataclass(frozen=True, slots=True)
class ObjectRows:
    """Makes the rows of one object. `unseen`: mapped fields, of whose columns no record had one so
    far."""

    object_name: str
    source: str
    columns: Columns
    named: NamedPlaces
    limits: ObjectLimits
    unseen: dict[str, tuple[str, ...]] = field(default_factory=dict)

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

    def of_line(self, literal: bytes, header: list[str], fields: list[str]) -> Mapping[str, Any]:
        """The record of a line of CSV; nothing where `of_fields` refuses the line."""
        if len(fields) != len(header) or _is_broken(literal):
            return {}
        return dict(zip(header, fields, strict=True))

    def of_fields(self, header: list[str], fields: list[str]) -> ToRow:
        def to_row(literal: bytes, record_no: int) -> Row:
            if len(fields) != len(header):
                reason = f"{len(fields)} fields where the header has {len(header)}"
                raise Unreadable(None, reason, option="delimiter, or quotes around the fields")
            if _is_broken(literal):
                raise Unreadable(None, "not UTF-8", option="save the log as UTF-8")
            return self.of_record(dict(zip(header, fields, strict=True)), literal, record_no)

        return to_row

    def said(self, literal: bytes, known: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """The record; None where something is wrong with it as a whole."""
        if known is not None:
            return known
        try:
            return _JSON.decode(literal)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def landed(
        self, records: Iterable[tuple[int, Mapping[str, Any]]], collected: Collected
    ) -> list[Row | None]:
        """The row of each numbered record as it lands; None where the rules refuse it."""
        made: list[Row | None] = []
        for record_no, record in records:
            try:
                made.append(self.of_record(record, b"", record_no))
            except ODD:
                made.append(None)
        landing = iter(collected.as_landed([row for row in made if row is not None]))
        return [None if row is None else next(landing) for row in made]

    def see(self, names: Collection[str]) -> None:
        """Columns that the object has."""
        self._see(lambda path: path in names)

    def _see(self, is_there: Callable[[str], bool]) -> None:
        for name in [name for name, paths in self.unseen.items() if any(map(is_there, paths))]:
            del self.unseen[name]

    def of_record(self, record: Mapping[str, Any], literal: bytes, record_no: int) -> Row:
        if self.unseen:
            self._see(lambda path: value_at(record, path) is not ABSENT)

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
    if literal.isascii():
        return False
    try:
        literal.decode()
    except UnicodeDecodeError:
        return True
    return False
