"""Where things of a workspace live: local paths and `s3://bucket/prefix`."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ingestion.workspace.addresses import address_problem, secret_problem, shown_address

# Environment variable that names the workspace.
VARIABLE: Final = "TOLLBOOK_WORKSPACE"
S3_SCHEME: Final = "s3://"


class LocationError(ValueError):
    """A location that cannot be one; the message says why."""


def resolve_location(text: str, folder: Path) -> str:
    """An absolute path (relative to `folder`) or a clean `s3://bucket/prefix`."""
    if text.startswith(S3_SCHEME):
        bucket, prefix = split_s3(text)
        if problem := address_problem(text, "s3"):
            raise LocationError(f"{shown_address(text)} {problem}")
        return S3_SCHEME + (f"{bucket}/{prefix}" if prefix else bucket)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", text):
        raise LocationError(f"{shown_address(text)}: only local paths and s3:// are supported")
    return str(resolve_path(text, folder))


def resolve_path(text: str, folder: Path) -> Path:
    """An absolute local path, relative to `folder`; an address is refused."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", text):
        raise LocationError(f"{shown_address(text)} must be a local path")
    if problem := secret_problem(text):
        raise LocationError(f"{shown_address(text)} {problem}")
    return (folder / text).resolve()


def split_s3(location: str) -> tuple[str, str]:
    """`s3://bucket/a/b/` -> ("bucket", "a/b")."""
    try:
        parts = urlsplit(location)
    except ValueError:
        raise LocationError("the address names no bucket: write s3://bucket/prefix") from None
    if not parts.netloc:
        raise LocationError(f"{shown_address(location)} names no bucket: write s3://bucket/prefix")
    if parts.query or parts.fragment:
        raise LocationError(f"{shown_address(location)}: a prefix cannot contain ? or #")
    return parts.netloc, parts.path.strip("/")
