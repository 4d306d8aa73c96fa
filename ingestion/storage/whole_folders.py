"""Replaces a local folder whole: a full disk or a kill leaves the old one or the new one."""

import ctypes
import errno
import os
import secrets
import shutil
import stat
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

# Of Linux, as in <linux/fs.h>: both names stay, what they mean is swapped at once.
RENAME_EXCHANGE: Final = 2
AT_FDCWD: Final = -100
NOT_HERE: Final = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)


def replace_whole(folder: Path, files: Mapping[str, bytes], gone: Collection[str]) -> None:
    """`files`, whose names may have folders as in `a/b`, are put into the folder, `gone` are
    removed, whatever else is in it stays.

    All of it is written beside the folder first. Raises OSError with the folder as it was.
    """
    # of a link its target: what is swapped must not be the link
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    _clean_up(folder)
    if _is_already(folder, files, gone):
        return
    staged = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}.new")
    try:
        staged.mkdir()
        for name, data in files.items():
            _write(staged / name, data, folder / name)
        for below in {parent for name in files for parent in Path(name).parents} - {Path()}:
            _sync(staged / below)
        if folder.is_dir():
            _keep_others(folder, staged, {*files, *gone})
            staged.chmod(stat.S_IMODE(folder.stat().st_mode))
            _sync(staged)
            _exchange(staged, folder)
        else:
            _sync(staged)
            staged.rename(folder)
        _sync(folder.parent)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _is_already(folder: Path, files: Mapping[str, bytes], gone: Collection[str]) -> bool:
    def has(name: str, data: bytes) -> bool:
        file = folder / name
        return file.is_file() and file.read_bytes() == data

    return all(has(name, data) for name, data in files.items()) and not any(
        (folder / name).exists() for name in gone
    )


def _write(file: Path, data: bytes, before: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("xb") as written:
        if before.exists():
            os.fchmod(written.fileno(), stat.S_IMODE(before.stat().st_mode))
        written.write(data)
        written.flush()
        os.fsync(written.fileno())


def _keep_others(folder: Path, staged: Path, known: Collection[str]) -> None:
    """Files that a person laid there are in the new folder, too."""
    for other in folder.iterdir():
        if other.name in known or other.name.endswith(".tmp"):
            continue
        target = staged / other.name
        below = {name.partition("/")[2] for name in known if name.startswith(f"{other.name}/")}
        if not other.is_dir() or other.is_symlink():
            _link(str(other), str(target))
        elif below:
            target.mkdir(exist_ok=True)
            _keep_others(other, target, below)
            if not any(target.iterdir()):
                target.rmdir()
        else:
            shutil.copytree(other, target, symlinks=True, copy_function=_link)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _exchange(staged: Path, folder: Path) -> None:
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is not None:
        ends = (os.fsencode(staged), os.fsencode(folder))
        if rename(AT_FDCWD, ends[0], AT_FDCWD, ends[1], RENAME_EXCHANGE) == 0:
            return
        if ctypes.get_errno() not in NOT_HERE:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(folder))
    # a kill between the two is mended by the next call
    old = staged.with_suffix(".old")
    folder.rename(old)
    staged.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _clean_up(folder: Path) -> None:
    """What a call that was killed left behind."""
    for old in _left(folder, "old"):
        if folder.exists():
            shutil.rmtree(old)
        else:
            old.rename(folder)
    for staged in _left(folder, "new"):
        shutil.rmtree(staged)


def _left(folder: Path, kind: str) -> Iterator[Path]:
    names = sorted(other.name for other in folder.parent.iterdir())
    for name in names:
        if name.startswith(f".{folder.name}.") and name.endswith(f".{kind}"):
            yield folder.parent / name


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
