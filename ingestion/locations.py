"""Where things of a workspace live: local paths and `s3://bucket/prefix`."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

S3_SCHEME: Final = "s3://"


class LocationError(ValueError):
    """A location that cannot be one; the message says why."""


def resolve_location(text: str, folder: Path) -> str:
    """An absolute path (relative to `folder`) or a clean `s3://bucket/prefix`."""
    if text.startswith(S3_SCHEME):
        bucket, prefix = split_s3(text)
        return S3_SCHEME + (f"{bucket}/{prefix}" if prefix else bucket)
    if re.match(r"[a-z][a-z0-9+.-]+://", text):
        raise LocationError(f"`{text}`: only local paths and s3:// are supported")
    return str(resolve_path(text, folder))


def resolve_path(text: str, folder: Path) -> Path:
    """An absolute local path, relative to `folder`; an address is refused."""
    if "://" in text:
        raise LocationError(f"`{text}` must be a local path")
    return (folder / text).resolve()


def split_s3(location: str) -> tuple[str, str]:
    """`s3://bucket/a/b/` -> ("bucket", "a/b")."""
    parts = urlsplit(location)
    if not parts.netloc:
        raise LocationError(f"`{location}` names no bucket: write s3://bucket/prefix")
    if parts.query or parts.fragment:
        raise LocationError(f"`{location}`: a prefix cannot contain ? or #")
    return parts.netloc, parts.path.strip("/")
