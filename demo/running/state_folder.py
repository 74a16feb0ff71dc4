"""The folder of a demo's databases, logs and keys: emptied at each start, and never one that is somebody else's."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from makersync.errors import OperatorError

MARK = ".makersync-demo"
_MARK_TEXT = "Everything in this folder belongs to `makersync demo` and is deleted at its next start.\n"


class FolderRefused(OperatorError):
    """The folder is not the demo's own, or another demo uses it."""


@contextmanager
def claimed(folder: Path) -> Iterator[Path]:
    """The folder, empty, and this process's alone while it lasts. Raises FolderRefused."""
    if _is_foreign(folder):
        raise FolderRefused(
            f"{folder} is not empty and was not made by the demo, which would delete what is in it. "
            "Name another folder: --state-folder FOLDER"
        )
    descriptor = _open_mark(folder)
    try:
        _lock(descriptor, folder)
        _empty(folder)
        yield folder
    finally:
        os.close(descriptor)


def _is_foreign(folder: Path) -> bool:
    if not folder.exists():
        return False
    return not folder.is_dir() or (any(folder.iterdir()) and not (folder / MARK).is_file())


def _open_mark(folder: Path) -> int:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mark = folder / MARK
        descriptor = os.open(mark, os.O_RDWR | os.O_CREAT, 0o644)
        mark.write_text(_MARK_TEXT, encoding="ascii")
    except OSError as error:
        raise FolderRefused(f"{folder} cannot be written to ({error.strerror}). Name another: --state-folder FOLDER") from error
    return descriptor


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise FolderRefused(
            f"Another demo is running in {folder}. End it with Ctrl-C, or name another folder (and other ports): "
            "--state-folder FOLDER"
        ) from None


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.name == MARK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
