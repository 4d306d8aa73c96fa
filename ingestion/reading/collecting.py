"""Collects what a gateway reader made of one object: rows, and rejects with their place."""

import hashlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from ingestion.reading.landed_text import bounded, clean_secrets
from ingestion.reading.records.decompression import Decompressed, decompress
from ingestion.reading.records.json_records import BOM, json_records, last_line
from ingestion.reading.unreadable import ODD, Unreadable
from ingestion.records import NO_REQUEST, Extent, Parsed, Reject, Row, content_hash
from ingestion.workspace.named_places import DEFAULT, NamedPlaces
from ingestion.workspace.sections.object_limits import DEFAULT_LIMITS, ObjectLimits

# A record's bytes and its number in the object -> its row or rows, or Unreadable
ToRow = Callable[[bytes, int], Row | list[Row]]


def bytes_hash(record: bytes) -> str:
    return hashlib.blake2b(record, digest_size=16).hexdigest()


# Rows are looked through together.
_TOGETHER: Final = 2000


@dataclass(slots=True)
class Collected:
    """Records of one object in their order; each becomes its rows or one reject.

    The border of the readers: of what a row says, `named` decides what lands.
    """

    named: NamedPlaces = DEFAULT
    limits: ObjectLimits = DEFAULT_LIMITS
    _parsed: Parsed = field(default_factory=lambda: Parsed(0, {"requests": []}))
    _landed: int = 0  # of the rows, those that are as they land

    @property
    def parsed(self) -> Parsed:
        self._land()
        return self._parsed

    def add(self, record: bytes, offset: int | None, to_row: ToRow) -> None:
        """`offset` is the byte where the record stands, None where the format has no such."""
        try:
            made = to_row(record, self._parsed.records)
            landing = [NO_REQUEST | row for row in (made if isinstance(made, list) else [made])]
            for row in landing:
                evidence = row["attributes"]
                row["attributes"], row["unnamed_attributes"] = evidence.landed(self.named)
                bounded(row)
        except Unreadable as refusal:
            self._refuse(refusal, offset, record)
            return
        except ODD as error:
            # no record may stop its object, whatever it holds that its reader did not think of
            odd = Unreadable(None, f"cannot be read ({type(error).__name__})")
            self._refuse(odd, offset, record)
            return
        rows = self._parsed.rows["requests"]
        for row in landing:
            row["record_no"] = self._parsed.records
            rows.append(row)
        self._parsed.records += 1
        if len(rows) - self._landed >= _TOGETHER:
            self._land()

    def as_landed(self, rows: list[Row]) -> list[Row]:
        """Rows of a reader as they land, beside those that are added."""
        landing = [NO_REQUEST | row for row in rows]
        for row in landing:
            evidence = row["attributes"]
            row["attributes"], row["unnamed_attributes"] = evidence.landed(self.named)
            bounded(row)
        clean_secrets(landing)
        for row in landing:
            row["content_hash"] = content_hash(row)
        return landing

    def add_columns(self, rows: pa.Table, numbers: pa.Array) -> None:
        """Rows as columns, as they land, of the records with these numbers."""
        self._parsed.requests.append(rows.append_column("record_no", numbers))

    def skip_to(self, record_no: int) -> None:
        """The next record that is added has this number: those before it stand in columns."""
        self._parsed.records = record_no

    def _land(self) -> None:
        rows = self._parsed.rows["requests"][self._landed :]
        clean_secrets(rows)
        for row in rows:
            row["content_hash"] = content_hash(row)
        self._landed += len(rows)

    def _refuse(self, refusal: Unreadable, offset: int | None, record: bytes) -> None:
        self._parsed.rejects.append(
            Reject(
                record_no=self._parsed.records,
                reason=refusal.reason,
                field=refusal.field,
                offset=offset,
                length=len(record) if offset is not None else None,
                hash=bytes_hash(record),
                option=refusal.option,
                value=refusal.value,
                day=refusal.day,
            )
        )
        self._parsed.records += 1

    def reject(self, reason: str, extent: Extent, record: bytes, offset: int | None = None) -> None:
        """What is no record by itself: the rest of an object, or the object."""
        self._parsed.rejects.append(
            Reject(
                record_no=self._parsed.records,
                reason=reason,
                offset=offset,
                length=len(record) if offset is not None else None,
                hash=bytes_hash(record),
                extent=extent,
            )
        )
        self._parsed.records += 1

    def is_full(self, record: bytes, offset: int | None) -> bool:
        """Whether the object has as many records as it may: all from this one on is one reject."""
        if self._parsed.records < self.limits.object_max_records:
            return False
        self.reject(self.limits.many(), "rest", record, offset)
        return True

    def finish(self, content: Decompressed, end: int | None) -> Parsed:
        """The object, with what stands from `end` on: the rest that was cut off, None for none."""
        if end is not None:
            reason = content.damage or "truncated object"
            self.reject(reason, "rest", content.data[end:], end)
        elif not (text := content.data.removeprefix(BOM)) or text.isspace():
            self.reject("empty object", "record", b"", 0)
        return self.parsed


def read_json_records(
    content: Decompressed, to_row: ToRow, collected: Collected, *, pages: bool = False
) -> Parsed:
    """Rows of an object of JSON records; a cut or damaged end is one reject.

    `pages`: an API's page envelopes may stand for the records in them.
    """
    checked = _checking_utf8(to_row)
    records, end = json_records(content.data, damaged=content.damage is not None, pages=pages)
    for offset, record in records:
        if collected.is_full(record, offset):
            return collected.parsed
        collected.add(record, offset, checked)
    return collected.finish(content, end)


def logged_text(data: bytes, limits: ObjectLimits) -> Decompressed:
    """The text of an object; one that is not UTF-8 at all is told as what it is."""
    content = decompress(data, limits)
    if content.data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return Decompressed(b"", "UTF-16 and not UTF-8: write the log as UTF-8")
    return content


def whole_lines(content: Decompressed) -> bytes:
    """The data without the line that an object's damage cut off."""
    return content.data if content.damage is None else content.data[: last_line(content.data)]


def _checking_utf8(to_row: ToRow) -> ToRow:
    """Parsers skip text that no column needs without looking at it."""

    def checked(record: bytes, record_no: int) -> Row | list[Row]:
        try:
            # most are, and soon seen to be
            if not record.isascii():
                record.decode()
        except UnicodeDecodeError:
            raise Unreadable(None, "not UTF-8", option="save the log as UTF-8") from None
        return to_row(record, record_no)

    return checked
