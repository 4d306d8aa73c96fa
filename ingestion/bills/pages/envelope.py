"""The bytes of a page object, decompressed, and the envelope that every page of the APIs has."""

import re
from typing import Any, Final

import msgspec

from ingestion.bills.pages.foreign_files import foreign_file, foreign_json
from ingestion.reading.records.decompression import decompress

UNREADABLE: Final = (
    "none of its results can be read: each is nested too deeply, or has a number without end"
)
_BOM: Final = b"\xef\xbb\xbf"
_BYTE = re.compile(r"\(byte (\d+)\)")


class NotAPage(Exception):
    """Bytes that are no page of this provider; the message is the reason.

    `is_foreign` where it is another kind of file, which "save it again" would not help; `is_cut`
    where its end is missing.
    """

    def __init__(self, reason: str, *, is_foreign: bool = False, is_cut: bool = False) -> None:
        super().__init__(reason)
        self.is_foreign = is_foreign
        self.is_cut = is_cut


class Envelope(msgspec.Struct):
    """Buckets stay raw: their numbers are read from their literals."""

    data: list[dict[str, msgspec.Raw]]
    has_more: bool | None = None
    next_page: str | None = None


class FlatEnvelope(msgspec.Struct):
    """The same of a report of rows without buckets."""

    data: list[msgspec.Raw]
    has_more: bool | None = None
    next_page: str | None = None
    data_refreshed_at: Any = None


class _Shape(msgspec.Struct):
    """What tells the two apart."""

    data: list[dict[str, msgspec.Raw]]
    data_refreshed_at: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def is_flat(self) -> bool:
        if not self.data:
            return bool(bytes(self.data_refreshed_at))
        return any(
            keys & {"group", "cost", "usage"} for keys in map(dict.keys, self.data)
        ) and not any("results" in row for row in self.data)


_envelopes = msgspec.json.Decoder(Envelope)
_flat_envelopes = msgspec.json.Decoder(FlatEnvelope)
_shapes = msgspec.json.Decoder(_Shape)


def content_of(data: bytes) -> bytes:
    """What a page object holds, plain, gzip or zstd. Raises NotAPage where part of it is lost."""
    content = decompress(data)
    if content.damage is not None:
        damage, _, kind = content.damage.removesuffix(" object").partition(" ")
        cut = {"truncated": "cut off", "damaged": "damaged"}.get(damage)
        raise NotAPage(f"{kind} is {cut}" if cut else content.damage)
    return content.data.removeprefix(_BOM)


def read_envelope(content: bytes) -> Envelope | FlatEnvelope:
    """Raises NotAPage with what is wrong, and with the line where JSON breaks."""
    try:
        return _envelope(content)
    except NotAPage:
        is_json = content.lstrip()[:1] in (b"{", b"[") and b"\0" not in content[:64]
        what = foreign_json(content) if is_json else foreign_file(content)
        if what is None:
            raise
    raise NotAPage(what, is_foreign=True)


def _envelope(content: bytes) -> Envelope | FlatEnvelope:
    try:
        content.decode()
        shape = _shapes.decode(content)
        if not shape.data and bytes(shape.error) != b"null":
            raise NotAPage("an error of the API in place of its buckets")
        return (_flat_envelopes if shape.is_flat else _envelopes).decode(content)
    except UnicodeDecodeError as error:
        raise NotAPage(f"not UTF-8 at line {_line(content, error.start)}") from None
    except msgspec.ValidationError:
        raise NotAPage("not a page of the API, which has `data`, a list of buckets") from None
    except msgspec.DecodeError as error:
        reason = _broken(content, str(error))
        raise NotAPage(reason, is_cut="cut off" in reason or "empty" in reason) from None
    except RecursionError:
        raise NotAPage("not JSON that can be read: nested too deeply") from None


def _broken(content: bytes, reason: str) -> str:
    if not content.strip():
        return "not JSON: empty"
    place = _BYTE.search(reason)
    if place is None:
        return f"not JSON: cut off at line {_line(content, len(content))}"
    return f"not JSON at line {_line(content, int(place[1]))}"


def _line(content: bytes, position: int) -> int:
    return content.count(b"\n", 0, position) + 1
