"""`locale`: whose way to write numbers, dates and currencies the pages take."""

import re
from typing import Final

from ingestion.workspace.entries import Entries

DEFAULT: Final = "en_US"
_NAME: Final = re.compile("[A-Za-z0-9]+([_-][A-Za-z0-9]+)*")


def read_locale(top: Entries) -> str:
    """As Babel names it: `de_DE` of `de-DE`."""
    text = top.text("locale", DEFAULT)
    if not text or text == DEFAULT:
        return DEFAULT
    if (found := _named(text)) is None:
        top.problem("locale", f"unknown locale `{text}`: use a name like de_DE, en_IN or ja_JP")
    return found or DEFAULT


def _named(text: str) -> str | None:
    # not at import: most commands write no page
    from babel import Locale, UnknownLocaleError

    if not _NAME.fullmatch(text):
        return None
    try:
        locale = Locale.parse(text.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return None
    # the root of all locales names months by number alone
    return None if locale.language == "root" else str(locale)
