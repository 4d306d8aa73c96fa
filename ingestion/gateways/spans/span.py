"""One span of a trace, whatever file or API it was read from."""

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ingestion.reading.unreadable import Unreadable
from ingestion.secret_forms import without_secrets

HEX: Final = re.compile(r"[0-9a-fA-F]+")
# An id that is not OpenTelemetry's: a UUID, a vendor's own word.
WORD: Final = re.compile(r"[\w.:-]{1,64}")


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around spans in their object: what made them, and the library that did."""

    resource: Mapping[str, Any]
    scope: str


@dataclass(slots=True)
class Span:
    """`said` are its attributes, `resource` those of what made it, `scope` the library that did.

    `error_type` and `error_text` are of its status and its exception; the text never lands.
    """

    trace_id: str
    span_id: str
    parent_id: str | None
    name: str
    scope: str
    started: datetime
    ended: datetime | None
    is_error: bool = False
    error_type: str | None = None
    error_text: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)
    resource: Mapping[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """What the span is known by in every table: `<trace>/<span>`."""
        return f"{self.trace_id}/{self.span_id}"


def trace_word(value: Any, field: str, size: int) -> str:
    """An id of a trace or span: hex, the base64 of its `size` bytes, or another word."""
    if isinstance(value, str) and WORD.fullmatch(value):
        is_hex = HEX.fullmatch(value) is not None
        # a word may be a secret: a span's own and its children's name for it are the same digest
        return value.lower() if is_hex and len(value) == 2 * size else without_secrets(value)
    if isinstance(value, str) and len(value) == (size + 2) // 3 * 4:
        try:
            return b64decode(value, validate=True).hex()
        except Error:
            pass
    raise Unreadable(field, "not an id of a span")
