"""Which files of FOCUS are one export, where no vendor's manifest says it."""

import re
from pathlib import PurePosixPath
from typing import Final

from ingestion.bills.tables.exports import each_folder
from ingestion.bills.tables.table_format import Export, Listing
from ingestion.records import SourceError

# The manifest of a cloud's own export by its name -> whose it is, and the format that follows it.
_MANIFESTS: Final = (
    (re.compile(r".+-manifest\.json(?:\.gz)?", re.IGNORECASE), "AWS", "aws_focus"),
    (re.compile(r"manifest\.json", re.IGNORECASE), "Azure", "azure_focus"),
)


def exports(listing: Listing) -> list[Export]:
    """Raises SourceError for a manifest: it is no data, and says which of the files stand."""
    for name in listing.names:
        for pattern, cloud, form in _MANIFESTS:
            if pattern.fullmatch(PurePosixPath(name).name):
                raise SourceError(
                    f"{name} is a manifest, as exports of {cloud} have, and says which files of a"
                    f" month stand: `format: {form}` follows it; for any other export move it away"
                )
    return each_folder(listing)
