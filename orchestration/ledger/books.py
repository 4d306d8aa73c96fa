"""The ledger: closed months, each written whole or not at all, and never again.

A month's files lie in a folder named after their content. `manifest.json`, which names each with
its SHA-256 and is created where none may exist, makes the month closed: of two that close it at
once one wins, and the other's files are nobody's.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from ingestion.records import SourceError
from ingestion.storage.objects import LocalStorage, open_storage
from ingestion.storage.verified_files import VerifiedFiles
from ingestion.workspace.settings import Workspace
from orchestration.ledger.contract import ACCEPTED, ACCRUED, FILES, IN_FILES, MANIFEST

RESTORE: Final = "restore it from your backup of the ledger; it is never written anew"
VERIFIED: Final = ".verified.json"
_MONTH: Final = re.compile(r"(\d{4}-\d\d)/manifest\.json")


class LedgerError(SourceError):
    """A sentence: what of the ledger is not as a close left it, and what to do."""


@dataclass(frozen=True, slots=True)
class ClosedMonth:
    """`files`: path below the ledger -> SHA-256. `said`: the manifest, whole."""

    month: date
    files: Mapping[str, str]
    said: Mapping[str, Any]

    @property
    def closed_at(self) -> datetime:
        return datetime.fromisoformat(self.said["closed_at"]).astimezone(UTC)

    def below(self, folder: str) -> dict[str, str]:
        """Name -> SHA-256 of the files in one of its folders."""
        parts = {path.split("/", 2)[2]: sha256 for path, sha256 in self.files.items()}
        start = f"{folder}/"
        return {
            name.removeprefix(start): sha256
            for name, sha256 in parts.items()
            if name.startswith(start)
        }


class Ledger:
    def __init__(self, location: str) -> None:
        # it says what teams cost, as exports do, and who used what, as the landing does
        self.storage = open_storage(location, private=True)

    def months(self) -> list[ClosedMonth]:
        """All closed months in their order; raises LedgerError for a manifest that was edited."""
        names = [info.name for info in self.storage.list(may_be_missing=True)]
        found = [match[1] for name in names if (match := _MONTH.fullmatch(name))]
        return [self._read(text) for text in sorted(found)]

    def month(self, month: date) -> ClosedMonth | None:
        return next((each for each in self.months() if each.month == month), None)

    def _read(self, text: str) -> ClosedMonth:
        name = f"{text}/{MANIFEST}"
        where = f"{self.storage.location}/{name}"
        data = self.storage.get(name).data
        try:
            said = json.loads(data)
            if said["sha256"] != manifest_digest(said):
                raise LedgerError(f"{where}: is not what was closed: {RESTORE}")
            files = {f"{text}/{path}": str(sha256) for path, sha256 in said["files"].items()}
            return ClosedMonth(date.fromisoformat(f"{text}-01"), files, said)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise LedgerError(f"{where}: is no manifest of a closed month: {RESTORE}") from error

    def accepted(self) -> list[dict[str, Any]]:
        """Who accepted corrections for which month; one per month and reason."""
        names = [info.name for info in self.storage.child(ACCEPTED).list(may_be_missing=True)]
        held = self.storage.child(ACCEPTED).get_many(names)
        return [json.loads(content.data) for _, content in held]

    def write(self, month: date, files: Mapping[str, bytes], said: Mapping[str, Any]) -> bool:
        """Closes the month; False where somebody else just did."""
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
        folder = hashlib.sha256(json.dumps(digests).encode()).hexdigest()[:16]
        place = self.storage.child(f"{month:%Y-%m}/{folder}")
        for name, data in sorted(files.items()):
            place.put(name, data)
        manifest = {**said, "files": {f"{folder}/{name}": digests[name] for name in digests}}
        manifest["sha256"] = manifest_digest(manifest)
        return self.storage.create(f"{month:%Y-%m}/{MANIFEST}", manifest_bytes(manifest))

    def local_files(self, cache: Path) -> dict[str, list[Path]]:
        """Table -> local files of all closed months, whose bytes are those that were closed.

        Files of S3 are mirrored into `cache`, which also remembers what was compared.
        """
        months = self.months()
        wanted = {
            path: sha256
            for month in months
            for path, sha256 in month.files.items()
            if path.endswith(".parquet")
        }
        folder = self._verified(wanted, cache) if wanted else cache
        return {
            table: [folder / path for path in wanted if path.endswith(f"/{name}.parquet")]
            for table, name in ((table, FILES.get(table, table)) for table in IN_FILES)
        }

    def contents(self, month: ClosedMonth, folder: str) -> dict[str, bytes]:
        """Name -> bytes of the files in one of a month's folders."""
        return {
            path.split("/", 3)[3]: self.verified_bytes(month, path)
            for path in month.files
            if path.split("/")[2] == folder
        }

    def verified_bytes(self, month: ClosedMonth, path: str) -> bytes:
        """Raises LedgerError where they are not those that were closed."""
        try:
            data = self.storage.get(path).data
        except SourceError as error:
            raise LedgerError(self.damage([path])) from error
        if hashlib.sha256(data).hexdigest() != month.files[path]:
            raise LedgerError(self.damage([path]))
        return data

    def _verified(self, wanted: Mapping[str, str], cache: Path) -> Path:
        """The folder in which the files are; raises LedgerError for those that were changed."""
        cache.mkdir(parents=True, exist_ok=True)
        is_local = isinstance(self.storage, LocalStorage)
        folder = Path(self.storage.location) if is_local else cache
        verified = VerifiedFiles(folder, cache / VERIFIED)
        differing = verified.differing(wanted)
        if differing and not is_local:
            mirror = LocalStorage(cache, private=True)
            for path, content in self.storage.get_many(differing):
                mirror.put(path, content.data)
            differing = verified.differing({path: wanted[path] for path in differing})
        verified.save()
        if differing:
            raise LedgerError(self.damage(differing))
        return folder

    def damage(self, paths: Sequence[str]) -> str:
        """The sentence for files that are missing or edited."""
        more = f" (and {len(paths) - 1} more files)" if len(paths) > 1 else ""
        return f"{self.storage.location}/{paths[0]}{more}: is not what was closed: {RESTORE}"


def open_ledger(workspace: Workspace) -> Ledger:
    return Ledger(workspace.ledger)


def open_accruals(workspace: Workspace) -> Ledger:
    """Months that were accrued before their invoice came: books of the same form, in the ledger."""
    return Ledger(f"{workspace.ledger}/{ACCRUED}")


def manifest_digest(said: Mapping[str, Any]) -> str:
    """Of all it says but this digest itself."""
    rest = {name: value for name, value in said.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def manifest_bytes(said: Mapping[str, Any]) -> bytes:
    return (json.dumps(said, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
