"""A page of an API: a list of records under a name, and what is said beside it."""

from collections.abc import Mapping
from typing import Final

import msgspec

from ingestion.pulling.fetching import UNREACHABLE_ATTEMPTS, Transient
from ingestion.records import SourceError

_PAGE: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
NOTHING: Final = (b"null", b"false", b"{}", b"[]", b'""')


def listed(
    data: bytes, path: str, name: str
) -> tuple[list[msgspec.Raw], Mapping[str, msgspec.Raw]]:
    """The records of the list `name` as they stand, and the page. Without a name the answer is the
    list. Raises SourceError for what is no page, Transient where another attempt may bring one.
    """
    try:
        page = _PAGE.decode(data) if name else {}
        if bytes(page.get("error", b"null")) not in NOTHING:
            raise Transient(
                f"{path} answered an error in place of its rows: run again later",
                UNREACHABLE_ATTEMPTS,
            )
        return _LIST.decode(page[name] if name else data), page
    except (msgspec.ValidationError, KeyError, RecursionError):
        what = f"a page with a list `{name}`" if name else "a list"
        raise SourceError(f"{path} answered not {what}: check base_url") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        if data.lstrip()[:1] in (b"{", b"["):
            said = f"{path} answered JSON that is cut off or damaged: run again later"
            raise Transient(said, UNREACHABLE_ATTEMPTS) from None
        raise SourceError(f"{path} answered not JSON: check base_url") from None
