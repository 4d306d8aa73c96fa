"""Objects and bytes, from a local folder or from `s3://bucket/prefix`.

Names are relative to the location, with `/` between their parts. `version` says what an object
contains: the S3 ETag as GET returned it, or `sha256:<hex>` of a local file.
"""

import hashlib
import os
import re
import secrets
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from ingestion.records import MissingObject, SourceError, UnreadableObject
from ingestion.storage.stored import Content, ObjectInfo, OpenedObject
from ingestion.storage.whole_folders import replace_whole
from ingestion.workspace.locations import S3_SCHEME, split_s3

_BYTE: Final = re.compile(rb"\\x([0-9a-f]{2})")
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Storage(Protocol):
    location: str

    def list(self, *, may_be_missing: bool = False, after: str = "") -> Iterator[ObjectInfo]:
        """All objects below whose names sort after one, sorted by name; a missing folder is an
        error unless it may be.
        """

    def get(self, name: str) -> Content: ...

    def open(self, name: str) -> AbstractContextManager[OpenedObject]:
        """An object of any size, as a local file."""

    def get_many(self, names: Iterable[str]) -> Iterator[tuple[str, Content]]:
        """Contents in the order of the names, fetched ahead a little, never all at once."""

    def put(self, name: str, data: bytes) -> None:
        """Atomic: a reader sees the old bytes or the new ones."""

    def create(self, name: str, data: bytes) -> bool:
        """Atomic, only where nothing is; False says that something else was there."""

    def delete(self, name: str) -> None:
        """No error where nothing is."""

    def put_all(self, files: Mapping[str, bytes], gone: Collection[str]) -> None:
        """Puts the files and deletes `gone`. A folder is replaced whole; in a bucket the last of
        the files makes it so.
        """

    def child(self, path: str) -> "Storage": ...


def open_storage(location: str, *, private: bool = False) -> Storage:
    """Opens nothing yet: a missing folder or bucket is told by the first use.

    Local files that are `private` are for their owner alone, others as the umask says; a file that
    is replaced keeps its mode. A bucket has its own policy.
    """
    if location.startswith(S3_SCHEME):
        # boto3 takes 0.4 s to import, which local workspaces need not wait for
        from ingestion.storage.s3 import S3Storage

        return S3Storage(*split_s3(location))
    return LocalStorage(Path(location), private=private)


class LocalStorage:
    """A folder. Hidden files and `.tmp` files are not objects: they are being written."""

    def __init__(self, folder: Path, *, private: bool = False) -> None:
        self.folder = folder
        self._mode = 0o600 if private else 0o666
        self.location = str(folder)

    def list(self, *, may_be_missing: bool = False, after: str = "") -> Iterator[ObjectInfo]:
        if not self.folder.is_dir():
            if may_be_missing and not self.folder.exists():
                return
            kind = "is not a folder" if self.folder.exists() else "no such folder"
            raise SourceError(f"{self.folder}: {kind}: correct the location or create it")
        with _explained(self.folder):
            files = (info for info in self._files() if info.name > after)
            yield from sorted(files, key=lambda info: info.name)

    def _files(self) -> Iterator[ObjectInfo]:
        """Also what cannot be opened: `get` says why."""
        top = str(self.folder)

        def refuse(error: OSError) -> None:
            if error.filename == top:
                raise error
            refused.append(f"{str(error.filename)[len(top) :].strip(os.sep)}/")

        refused: list[str] = []
        for folder, folders, files in os.walk(top, onerror=refuse, followlinks=True):
            folders[:] = [name for name in folders if not name.startswith(".")]
            below = folder[len(top) :].strip(os.sep).replace(os.sep, "/")
            for file in files:
                if file.startswith(".") or file.endswith(".tmp"):
                    continue
                name = f"{below}/{file}" if below else file
                try:
                    status = os.stat(f"{folder}{os.sep}{file}")  # noqa: PTH116, 3x faster than Path
                except FileNotFoundError:
                    # a link to nothing
                    status = os.lstat(f"{folder}{os.sep}{file}")
                modified = datetime.fromtimestamp(status.st_mtime, tz=UTC)
                identity = f"{status.st_ino} {status.st_mtime_ns} {status.st_ctime_ns}"
                yield ObjectInfo(
                    *(_written_out(name), status.st_size, None, modified, identity),
                    max(modified, datetime.fromtimestamp(status.st_ctime, tz=UTC)),
                )
        for name in refused:
            yield ObjectInfo(name.replace(os.sep, "/"), 0, None, EPOCH, "", EPOCH)

    def get(self, name: str) -> Content:
        """Raises UnreadableObject for what is there and cannot be read."""
        path = self._path(name)
        try:
            with _explained(path):
                _refuse_devices(path)
                data = path.read_bytes()
        except SourceError as error:
            if isinstance(error.__cause__, FileNotFoundError) and not path.is_symlink():
                raise
            raise UnreadableObject(str(error)) from error
        return Content(data, f"sha256:{hashlib.sha256(data).hexdigest()}")

    @contextmanager
    def open(self, name: str) -> Iterator[OpenedObject]:
        path = self._path(name)
        with _explained(path):
            _refuse_devices(path)
            file = path.open("rb")
        with file:
            version = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
            file.seek(0)
            yield OpenedObject(file, version, version)

    def _path(self, name: str) -> Path:
        """The file of a listed name, also of one whose bytes `_written_out` wrote out."""
        path = self.folder / name
        if "\\x" in name and not os.path.lexists(path):
            raw = _BYTE.sub(lambda byte: bytes([int(byte[1], 16)]), name.encode())
            return self.folder / os.fsdecode(raw)
        return path

    def get_many(self, names: Iterable[str]) -> Iterator[tuple[str, Content]]:
        for name in names:
            yield name, self.get(name)

    def put(self, name: str, data: bytes) -> None:
        with _explained(self.folder / name), self._written(name, data) as temporary:
            temporary.replace(self.folder / name)

    def create(self, name: str, data: bytes) -> bool:
        with _explained(self.folder / name), self._written(name, data) as temporary:
            try:
                # a link, unlike a rename, fails where the name is taken
                os.link(temporary, self.folder / name)
            except FileExistsError:
                return False
            return True

    @contextmanager
    def _written(self, name: str, data: bytes) -> Iterator[Path]:
        """A temporary file beside `name`, complete and on disk."""
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.parent / f".{secrets.token_hex(8)}.tmp"
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, self._mode)
            with os.fdopen(descriptor, "wb") as file:
                if target.exists():
                    os.fchmod(descriptor, stat.S_IMODE(target.stat().st_mode))
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)

    def delete(self, name: str) -> None:
        with _explained(self.folder / name):
            (self.folder / name).unlink(missing_ok=True)

    def put_all(self, files: Mapping[str, bytes], gone: Collection[str]) -> None:
        with _explained(self.folder):
            replace_whole(self.folder, files, gone)

    def child(self, path: str) -> "LocalStorage":
        return LocalStorage(self.folder / path, private=self._mode == 0o600)


def _written_out(name: str) -> str:
    """A name that is not UTF-8 with `\\xff` for each byte that is none: no text holds them."""
    if name.isprintable():
        return name
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _refuse_devices(path: Path) -> None:
    """Reading a pipe would wait for whoever writes to it."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise OSError("a device, a pipe or a socket, no file: take it out of the folder")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """What the operating system refuses, as one sentence."""
    try:
        yield
    except FileNotFoundError as error:
        raise MissingObject(f"{path}: no such file: it vanished or was never there") from error
    except PermissionError as error:
        raise SourceError(f"{path}: not permitted: give this user access to it") from error
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror or error}") from error
