"""Collects what a gateway reader made of one object: rows, and rejects with their place."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from ingestion.decompression import Decompressed, decompress
from ingestion.gateways.json_records import json_records
from ingestion.gateways.landed_text import bounded, clean_secrets
from ingestion.gateways.unreadable import Unreadable
from ingestion.named_places import DEFAULT, NamedPlaces
from ingestion.records import Extent, Parsed, Reject, Row, content_hash

# A record's bytes, their hash and its number in the object -> its row, or Unreadable
ToRow = Callable[[bytes, str, int], Row]


def bytes_hash(record: bytes) -> str:
    return hashlib.blake2b(record, digest_size=16).hexdigest()


# Rows are looked through together.
_TOGETHER: Final = 2000


@dataclass(slots=True)
class Collected:
    """Records of one object in their order; each becomes one row or one reject.

    The border of the readers: of what a row says, `named` decides what lands.
    """

    named: NamedPlaces = DEFAULT
    _parsed: Parsed = field(default_factory=lambda: Parsed(0, {"requests": []}))
    _landed: int = 0  # of the rows, those that are as they land

    @property
    def parsed(self) -> Parsed:
        self._land()
        return self._parsed

    def add(self, record: bytes, offset: int | None, to_row: ToRow) -> None:
        """`offset` is the byte where the record stands, None where the format has no such."""
        digest = bytes_hash(record)
        try:
            row = to_row(record, digest, self._parsed.records)
        except Unreadable as refusal:
            self._refuse(refusal, offset, record, digest)
            return
        row["record_no"] = self._parsed.records
        rows = self._parsed.rows["requests"]
        rows.append(row)
        self._parsed.records += 1
        if len(rows) - self._landed >= _TOGETHER:
            self._land()

    def _land(self) -> None:
        rows = self._parsed.rows["requests"][self._landed :]
        for row in rows:
            evidence = row["attributes"]
            row["attributes"], row["unnamed_attributes"] = evidence.landed(self.named)
            bounded(row)
        clean_secrets(rows)
        for row in rows:
            row["content_hash"] = content_hash(row)
        self._landed += len(rows)

    def _refuse(self, refusal: Unreadable, offset: int | None, record: bytes, digest: str) -> None:
        self._parsed.rejects.append(
            Reject(
                record_no=self._parsed.records,
                reason=refusal.reason,
                field=refusal.field,
                offset=offset,
                length=len(record) if offset is not None else None,
                hash=digest,
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

    def finish(self, content: Decompressed, end: int | None) -> Parsed:
        """The object, with what stands from `end` on: the rest that was cut off, None for none."""
        if end is not None:
            reason = f"{content.damage or 'truncated'} object"
            self.reject(reason, "rest", content.data[end:], end)
        elif not content.data.strip():
            self.reject("empty object", "record", b"", 0)
        return self.parsed


def read_json_records(
    data: bytes, to_row: ToRow, named: NamedPlaces, *, pages: bool = False
) -> Parsed:
    """Rows of an object of JSON records, plain or compressed; a cut or damaged end is one reject.

    `pages`: an API's page envelopes may stand for the records in them.
    """
    content = decompress(data)
    text = content.data
    collected = Collected(named)
    checked = to_row if text.isascii() else _checking_utf8(to_row)
    records, end = json_records(text, damaged=content.damage is not None, pages=pages)
    for offset, record in records:
        collected.add(record, offset, checked)
    return collected.finish(content, end)


def whole_lines(content: Decompressed) -> bytes:
    """The data without the line that an object's damage cut off."""
    return content.data if content.damage is None else content.data[: content.data.rfind(b"\n") + 1]


def _checking_utf8(to_row: ToRow) -> ToRow:
    """Parsers skip text that no column needs without looking at it."""

    def checked(record: bytes, digest: str, record_no: int) -> Row:
        try:
            record.decode()
        except UnicodeDecodeError:
            raise Unreadable(None, "not UTF-8", option="save the log as UTF-8") from None
        return to_row(record, digest, record_no)

    return checked
