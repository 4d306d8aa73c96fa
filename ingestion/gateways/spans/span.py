"""One span of a trace, whatever file or API it was read from."""

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ingestion.reading.unreadable import Unreadable
from ingestion.secret_forms import text_digest, without_secrets

JOIN_KEY: Final = "span"
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

    `join_key` is of what its id is one: another format's are no ids of OpenTelemetry.
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
    join_key: str = JOIN_KEY

    def __post_init__(self) -> None:
        # whoever made the span: an id is what a caller chose, and may be a text or a secret
        self.trace_id, self.span_id = plain_word(self.trace_id), plain_word(self.span_id)
        if self.parent_id is not None:
            self.parent_id = plain_word(self.parent_id)

    @property
    def place(self) -> str:
        """What the span is known by in every table: `<trace>/<span>`."""
        return f"{self.trace_id}/{self.span_id}"


def plain_word(text: str) -> str:
    """An id as it is where it is a word, else its digest, which is as distinct.

    A word may be a secret: a span's own and its children's name for it are the same digest.
    """
    if len(text) <= 64 and HEX.fullmatch(text):
        return text
    return without_secrets(text) if WORD.fullmatch(text) else text_digest(text)


def trace_word(value: Any, field: str, size: int) -> str:
    """An id of a trace or span: hex, the base64 of its `size` bytes, or another word."""
    if isinstance(value, str) and WORD.fullmatch(value):
        is_hex = HEX.fullmatch(value) is not None
        return value.lower() if is_hex and len(value) == 2 * size else value
    if isinstance(value, str) and len(value) == (size + 2) // 3 * 4:
        try:
            return b64decode(value, validate=True).hex()
        except Error:
            pass
    raise Unreadable(field, "not an id of a span")
