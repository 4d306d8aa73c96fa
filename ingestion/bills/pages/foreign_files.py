"""Files that people put where pages of an API belong: what each of them is."""

import re
from typing import Final

import msgspec

# (first bytes, what it is)
_BINARY: Final = (
    (b"%PDF", "a PDF, perhaps an invoice (the amount of an invoice is a line of invoices.csv)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BZh", "a bzip2 archive (unpack it)"),
    (b"\xfd7zXZ", "an xz archive (unpack it)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive (unpack it)"),
    (b"\x00\x00\x00\x01Bud1", "a file that macOS leaves in folders (.DS_Store)"),
    (b"bplist00", "a web archive or property list of macOS"),
    (b"Obj\x01", "an Avro file"),
    (b"ORC", "an ORC file"),
)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS: Final = {"\t": "TSV", ",": "CSV", ";": "CSV (with semicolons)", "|": "table"}
_HEADER_CELL: Final = re.compile(r"[A-Za-z_#][\w .()/$%:#-]{0,59}")
_SHOWN: Final = 8
# What only a certain export has among its columns; the format that reads it, if it is one of bills.
_EXPORTS: Final = (
    ({"amount_value"}, "OpenAI's dashboard of costs", "openai_csv"),
    ({"n_context_tokens_total"}, "OpenAI's dashboard of activity", None),
    ({"num_model_requests"}, "OpenAI's dashboard of activity", None),
    ({"usage_date_utc", "cost_usd"}, "the cost page of Anthropic's console", "anthropic_csv"),
    ({"usage_date_utc"}, "the usage page of Anthropic's console", None),
    ({"usage_input_tokens_no_cache"}, "the usage page of Anthropic's console", None),
    ({"generation_id", "cost_total"}, "the log of OpenRouter's activity", "openrouter"),
    ({"slug", "byok usage"}, "OpenRouter's activity by day", "openrouter"),
    ({"billedcost", "chargeperiodstart"}, "a cloud's bill in FOCUS", "focus"),
    ({"line_item_usage_type"}, "an AWS cost and usage report", "aws_cur"),
)
_WORD: Final = re.compile(r"[a-z][a-z_]{0,39}")


class _Error(msgspec.Struct):
    error: msgspec.Raw


_errors: Final = msgspec.json.Decoder(_Error)


def foreign_file(content: bytes) -> str | None:
    """What bytes that are no JSON are, None where nothing tells."""
    if content.startswith(b"PK\x03\x04"):
        book = b"xl/" in content or b"[Content_Types].xml" in content[:4096]
        return "an Excel workbook" if book else "a ZIP archive (unpack it)"
    if content[257:262] == b"ustar":
        return "a tar archive (unpack it)"
    for start, what in _BINARY:
        if content.startswith(start):
            return what
    if content.startswith(_UTF16) or b"\0" in content[:64]:
        return "text in UTF-16 (save it as UTF-8)" if _is_utf16(content) else "a binary file"
    head = content[:65_536].decode(errors="replace").lstrip()
    if re.match(r"<!doctype html|<html|<head|<body|<script", head, re.IGNORECASE):
        return "an HTML page (a login, or what a browser shows)"
    if head.startswith("<"):
        return "an XML file"
    if re.match(r"HTTP/\d", head):
        return "an answer with its HTTP headers (save its body alone)"
    return _table(head)


def _is_utf16(content: bytes) -> bool:
    even, odd = content[:64:2], content[1:64:2]
    return content.startswith(_UTF16) or b"\0" not in even or b"\0" not in odd


def _table(head: str) -> str | None:
    """A CSV by its first line, which names columns."""
    first = head.splitlines()[0] if head else ""
    for delimiter, kind in _DELIMITERS.items():
        cells = [cell.strip().strip('"').strip() for cell in first.split(delimiter)]
        if len(cells) < 2 or not all(map(_HEADER_CELL.fullmatch, cells)):
            continue
        lowered = {cell.lower() for cell in cells}
        known = (each[1:] for each in _EXPORTS if each[0] <= lowered)
        export, reader = next(known, (None, None))
        named = ", ".join(cells[:_SHOWN]) + (", …" if len(cells) > _SHOWN else "")
        of = f" of {export}" if export else ""
        hint = f"; format {reader} reads it" if reader else ""
        return f"a {kind} export{of} (columns {named}){hint}"
    return None


def foreign_json(content: bytes) -> str | None:
    """What JSON without `data` is, None where nothing tells; of its text only a known word."""
    if content.lstrip().startswith(b"["):
        return "a JSON list (save each page as it was answered)"
    try:
        error = msgspec.json.decode(_errors.decode(content).error)
    except (ValueError, RecursionError):
        return None
    words = [error.get(name) for name in ("type", "code")] if isinstance(error, dict) else []
    known = [word for word in words if isinstance(word, str) and _WORD.fullmatch(word)]
    return f"an error answer of the API{f' ({known[0]})' if known else ''}"
