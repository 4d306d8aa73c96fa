"""The one way in which a gateway reader refuses a record."""

import msgspec


class Unreadable(Exception):
    """A record that cannot become a row: it is quarantined and the others are read on.

    `field` is the path in the source, None when it is the whole record. The reason never quotes
    the record.
    """

    def __init__(self, field: str | None, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def misfit(error: msgspec.ValidationError, within: str = "") -> Unreadable:
    """The refusal of JSON that has another shape than it should; `within` is the part read."""
    reason, _, path = str(error).partition(" - at `$.")
    field = ".".join(part for part in (within, path.removesuffix("`")) if part)
    return Unreadable(field or None, reason)
