"""What is listed at a location, as a hash that two looks at it can be compared by.

A bucket of a million keys is a thousand requests to list. So a listing is told twice: in whole, and
from its first object of the last days on, where keys that carry their date come.
"""

import hashlib
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from ingestion.records import UnreadableObject
from ingestion.storage.objects import Storage, open_storage
from ingestion.storage.seen_files import YOUNG
from ingestion.storage.stored import ObjectInfo
from ingestion.workspace.settings import CONTENT, Workspace

# How old an object may be to count as recent.
RECENT: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Listing:
    """`digest` is of all that is listed; `recent` of what sorts after `after`: the first object of
    the last days, and all that is listed behind it.
    """

    digest: str
    after: str
    recent: str


def fingerprint(workspace: Workspace, location: str) -> str:
    """The digest of what is listed there now."""
    return listing(workspace, location).digest


def recent_fingerprint(location: str, after: str) -> str:
    """As `recent` of a listing was, from as many keys of a bucket as come after one."""
    digest = hashlib.sha256()
    for info in open_storage(location).list(may_be_missing=True, after=after):
        digest.update(_line(info, info.identity))
    return digest.hexdigest()


def listing(
    workspace: Workspace, location: str, *, patient: bool = False, settled: bool = False
) -> Listing:
    """Of what is read from a location: changes when an object comes, goes or is written. Lists, and
    reads nothing but local files where the settings ask for their contents.

    A file that was written a moment ago may be written again within the same tick of its clock: it
    counts as another one once it is older, so that the next run looks again. Who is `patient`
    waits that moment, once; where we wrote all of it, it is `settled`.
    """
    read = workspace.fingerprints == CONTENT
    found, young = _listed(location, read=read)
    if young and patient:
        time.sleep(YOUNG.total_seconds())
        found, young = _listed(location, read=read)
    return replace(found, digest=f"{found.digest} young") if young and not settled else found


def own_fingerprint(location: str) -> str:
    """Of what Tollbook wrote to a location, from its listing."""
    return _listed(location, read=False)[0].digest


def _listed(location: str, *, read: bool) -> tuple[Listing, bool]:
    """The listing, and whether a file of it was written just now."""
    storage = open_storage(location)
    now = datetime.now(UTC)
    whole, recent, after = hashlib.sha256(), hashlib.sha256(), ""
    young = begun = False
    for info in storage.list(may_be_missing=True):
        known = _version(storage, info) if read and info.version is None else info.identity
        line = _line(info, known)
        whole.update(line)
        begun = begun or info.modified > now - RECENT
        if begun:
            recent.update(line)
        else:
            after = info.name
        young = young or (info.version is None and not read and info.changed > now - YOUNG)
    return Listing(whole.hexdigest(), after, recent.hexdigest()), young


def _line(info: ObjectInfo, known: str) -> bytes:
    return f"{info.name}\0{info.size}\0{known}\n".encode()


def _version(storage: Storage, info: ObjectInfo) -> str:
    try:
        return storage.get(info.name).version
    except UnreadableObject as error:
        return str(error)
