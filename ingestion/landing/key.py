"""The key under which a landing hashes what nobody named: random, made once, kept beside the rows.

Whoever has the rows without the key, say in a mart or a copied file, cannot try values. A landing
that is built anew makes another key; results are the same.
"""

import secrets
from typing import Final

from ingestion.records import SourceError
from ingestion.storage.objects import LocalStorage, Storage

# Hidden: it is no object of the landing.
NAME: Final = ".attributes.key"
BYTES: Final = 32


def landing_key(landing: Storage, *, make: bool = True) -> bytes:
    """The landing's key; empty where it has none and none is to be made."""
    try:
        return _read(landing.get(NAME).data, landing.location)
    except SourceError:
        if not make:
            return b""
    if isinstance(landing, LocalStorage):
        landing = LocalStorage(landing.folder, private=True)
    # whoever comes second takes the key of the first; a key that cannot be read is told here
    landing.create(NAME, secrets.token_hex(BYTES).encode())
    return _read(landing.get(NAME).data, landing.location)


def _read(text: bytes, location: str) -> bytes:
    try:
        key = bytes.fromhex(text.decode())
    except ValueError:
        key = b""
    if len(key) != BYTES:
        raise SourceError(
            f"{location}/{NAME}: is no key of a landing: restore it, or remove it and every object"
            " that still exists is read again"
        )
    return key
