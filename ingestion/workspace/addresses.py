"""Addresses in tollbook.yaml: where something is, and never who may read it.

A problem repeats an address only where nothing of it can be a secret.
"""

import re
from typing import Final

# A host or bucket, or an address in brackets, and a port.
_AUTHORITY: Final = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
_ADDRESS: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(//?)([^/?#]*)(.*)", re.DOTALL)
_SECRET: Final = re.compile(
    r"(?:sk|pk|rk)-[A-Za-z0-9_-]{8,}|(?:AKIA|ASIA)[A-Z0-9]{12,}|eyJ[A-Za-z0-9_-]{8,}\.|Bearer\b"
    r"|-----BEGIN"
    # user:password@
    r"|[^/\s:@]+:[^/\s@]*@"
    # ?api_key=, ;token=
    r"|(?:key|token|secret|passw(?:or)?d|signature|sig|credential)s?(?:=|%3[dD])",
    re.IGNORECASE,
)
_PLAIN: Final = re.compile(r"[A-Za-z0-9+.-]*:?/*[A-Za-z0-9._-]*(:[0-9]+)?(/[A-Za-z0-9._/-]*)?")
ADVICE: Final = (
    "write the address alone: secrets are read from the environment, as in `key: env:NAME`"
)


def address_problem(text: str, *schemes: str) -> str | None:
    """What is wrong with an address of one of `schemes` (https, s3), None where nothing is."""
    parts = _ADDRESS.fullmatch(text)
    if parts is None or parts[1] not in schemes or parts[2] != "//":
        return f"must be an address like {schemes[0]}://host/path"
    if not re.fullmatch(r"[!-~]+" if schemes[0] != "s3" else r"[^\x00-\x1f\x7f]+", text):
        return f"has white space or characters that no address has: {ADVICE}"
    if "@" in parts[3]:
        return f"has a user or password before its host: {ADVICE}"
    if not _AUTHORITY.fullmatch(parts[3]):
        return f"names no host that can be: {ADVICE}"
    if "?" in parts[4] or "#" in parts[4]:
        return f"has a query (?) or a fragment (#): {ADVICE}"
    return secret_problem(text)


def shown_address(text: str) -> str:
    """The address for a message."""
    plain = _PLAIN.fullmatch(text) and not _SECRET.search(text)
    return f"`{text}`" if plain else "the address"


def secret_problem(text: str) -> str | None:
    """What is wrong with an address or a path that holds a secret."""
    return f"has what looks like a secret: {ADVICE}" if _SECRET.search(text) else None
