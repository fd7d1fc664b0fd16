"""Paths, modes and atomic writes: the one module that knows how platforms differ.

Files for the office are 0600 in 0700 folders from the instant they exist; files for others are 0644. A file
is written under a temporary name beside its final one, synced, and renamed; a rename is the only way a file
in a workspace ever changes.
"""

from __future__ import annotations

import errno
import ntpath
import os
import re
import secrets
import shutil
import stat
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from rct.errors import stop

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
RESERVED = {"con", "prn", "aux", "nul", *(f"{d}{i}" for d in ("com", "lpt") for i in range(10))}
PRIVATE_KEY = "key"  # the file in private/ beside the trials' folders there
LONG = 248  # characters of a path from which on Windows needs it in its extended form (folders; files: 260)
HELD = (5, 32, 33)  # Windows: denied, shared, locked; what a file answers that Excel or Word holds open
PAUSES = (0.1, 0.2, 0.4, 0.8)  # seconds between tries: a virus scanner lets go soon, Excel does not
TEMPORARY = re.compile(r"(?P<name>.+)\.tmp-(?P<token>[0-9a-f]{32})")


def is_name(text: str) -> bool:
    """True for a name that is safe as a folder on every platform: letters, digits, `_`, `-`, 1 to 64."""
    return NAME.fullmatch(text) is not None and text not in RESERVED


def may_be_trial(text: str) -> bool:
    return is_name(text) and text != PRIVATE_KEY


def require_name(text: str, what: str) -> str:
    """`text` if it may name a trial, an arm or an outcome; else an `RctError`."""
    if what == "trial" and is_name(text) and not may_be_trial(text):
        stop(
            "bad_name",
            f"No trial may be named {PRIVATE_KEY}: the workspace's key has that name in private/.",
            "Choose a short name such as water-bills.",
            field=what,
            found=text,
        )
    if not is_name(text):
        stop(
            "bad_name",
            f"The name of a {what} has 1 to 64 of a-z, 0-9, _ and -, starts with a letter or digit, "
            "and is no device name such as con or nul.",
            "Choose a short name such as water-bills.",
            field=what,
            found=text,
        )
    return text


def shipped(kind: str) -> Path:
    """The folder of shipped `templates` or `trials`: inside the wheel, or beside the package in a checkout."""
    inside_wheel = Path(__file__).parent / "_shipped" / kind
    return inside_wheel if inside_wheel.is_dir() else Path(__file__).parent.parent / kind


def inside(base: Path, path: Path | str) -> Path:
    """`base / path` with links followed; an `RctError` when that leaves `base`."""
    resolved = (base / path).resolve()
    if not resolved.is_relative_to(base.resolve()):
        stop(
            "outside_workspace",
            f"A path must stay inside {base.name}/.",
            "Move the file there.",
            found=str(path),
        )
    return resolved


def lock_down() -> None:
    """Set at start-up: new files are private unless we say otherwise, and a crash leaves no core file."""
    os.umask(0o077)
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def make_dir(path: Path, *, private: bool) -> None:
    """Make a folder (and its parents) of the right mode; a private one must be ours and no link."""
    for folder in reversed([path, *path.parents]):
        if not folder.exists():
            # The mode comes with the folder: set afterwards, a command that dies in between would leave another.
            umask = os.umask(0o077 if private else 0o022)
            try:
                _at(folder).mkdir(0o777, exist_ok=True)  # another command may be making the same one
            finally:
                os.umask(umask)
    if private:
        require_private(path)


def require_private(path: Path) -> None:
    """A private folder is a folder, ours, no link to another place, and 0700."""
    if sys.platform == "win32":
        return
    try:
        found = path.lstat()
    except FileNotFoundError:
        stop("no_private", "The folder private/ is missing.", "Restore it from a copy.", file=path.name)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        stop("private_not_ours", "private/ must be a folder of your own, not a link.", file=path.name)
    if stat.S_IMODE(found.st_mode) != 0o700:
        path.chmod(0o700)


def extended(path: str) -> str:
    r"""An absolute Windows path in the form that may be longer than 260 characters (`\\?\`); a short one as it is.

    In that form Windows takes every character as it is: so `/`, `.` and `..` are resolved here.
    """
    if path.startswith("\\\\?\\") or len(path) < LONG:
        return path
    whole = ntpath.normpath(path)
    if whole.startswith("\\\\"):
        return "\\\\?\\UNC\\" + whole[2:]
    return "\\\\?\\" + whole if ntpath.isabs(whole) else path


def _at(path: Path) -> Path:
    """`path` as this system's calls take it, however long it is."""
    return Path(extended(str(path.absolute()))) if sys.platform == "win32" else path


def spelled(base: Path, path: str) -> str:
    """How the folders under `base` spell `path`: on a disk that takes no notice of case, maybe otherwise than given.

    A part that is not there in any spelling stays as it was given.
    """
    here, parts = base, []
    for part in PurePosixPath(path).parts:
        names = [entry.name for entry in here.iterdir()] if here.is_dir() else []
        same = [name for name in names if same_name(name, part)]
        parts.append(part if part in names or not same else min(same))
        here = here / parts[-1]
    return PurePosixPath(*parts).as_posix()


def twin(base: Path, path: str) -> str | None:
    """A file beside `path` whose name is the same one on Windows and macOS; None where there is none."""
    file = base / path
    beside = sorted(e.name for e in file.parent.iterdir()) if file.parent.is_dir() else []
    return next((name for name in beside if name != file.name and same_name(name, file.name)), None)


def same_name(a: str, b: str) -> bool:
    """Whether two names are one file where case, or how an accent is composed, doesn't count."""
    return unicodedata.normalize("NFC", a).casefold() == unicodedata.normalize("NFC", b).casefold()


def write_new(path: Path, data: bytes, *, private: bool) -> None:
    """Write a file that must not exist yet, with its mode from the first instant, and sync it to the disk."""
    with _created(path, private=private) as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())


def _created(path: Path, *, private: bool) -> BinaryIO:
    return os.fdopen(_opened(path, private=private), "wb")


def _opened(path: Path, *, private: bool) -> int:
    mode = 0o600 if private else 0o644
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    fd = os.open(_at(path), flags, mode)
    if not private and hasattr(os, "fchmod"):
        os.fchmod(fd, mode)  # the umask hides new files; this one is for others
    return fd


def for_others(path: Path) -> None:
    """The mode of a file that others may read, as `write_new` gives it."""
    _at(path).chmod(0o644)


def replace(source: Path, target: Path) -> None:
    """Rename `source` over `target` in one step and sync the folder.

    Raises `PermissionError` when another program still holds the target after a few tries (`is_held`).
    """
    _patiently(lambda: _at(source).replace(_at(target)))
    sync_folder(target.parent)


def _patiently(change: Callable[[], object]) -> None:
    """Try again for a moment what fails because another program holds the file."""
    for pause in PAUSES:
        try:
            change()
            return
        except PermissionError as error:
            if not is_held(error):
                raise
            time.sleep(pause)
    change()


def is_held(error: OSError) -> bool:
    """Whether a change failed because another program, such as Excel, has the file open (Windows alone refuses that)."""
    return getattr(error, "winerror", None) in HELD


def write_atomic(path: Path, data: bytes, *, private: bool, token: str) -> None:
    """Write a whole file or nothing: a temporary file beside it, synced, then renamed over it."""
    temporary = temporary_name(path, token)
    temporary.unlink(missing_ok=True)
    write_new(temporary, data, private=private)
    replace(temporary, path)


def write_out(path: Path, data: bytes) -> None:
    """Write a file for others, whole or not at all. What a killed run left beside it goes at the next one."""
    _sweep(path, Path.is_file, lambda left: left.unlink(missing_ok=True))
    temporary, fd = _begun(path, partial(_opened, private=False))
    try:
        with os.fdopen(cast(int, fd), "wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
            if sys.platform != "win32":  # held until it has its name; Windows renames no open file
                replace(temporary, path)
        if sys.platform == "win32":
            replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def temporary_name(path: Path, token: str) -> Path:
    return path.with_name(f"{path.name}.tmp-{token}")


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut, where the platform can."""
    if sys.platform == "win32":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def remove(path: Path) -> None:
    """Remove a file or a whole folder; nothing there is fine."""
    there = _at(path)
    if there.is_dir() and not there.is_symlink():
        _patiently(lambda: shutil.rmtree(there))
    else:
        _patiently(lambda: there.unlink(missing_ok=True))
    if path.parent.is_dir():
        sync_folder(path.parent)


@contextmanager
def alone(folder: Path, wait: float) -> Iterator[None]:
    """Hold `folder` against every other process that asks so; let go when this one ends, however it ends.

    Raises `BlockingIOError` when another holds it for longer than `wait` seconds. Where the file system knows no
    such locks (some network drives), nobody is held off.
    """
    fd, until = _lock_file(folder), time.monotonic() + wait
    try:
        while not _try_lock(fd):
            if time.monotonic() > until:
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN), str(folder))
            time.sleep(0.02)
        yield
    finally:
        os.close(fd)


def _lock_file(folder: Path) -> int:
    if sys.platform == "win32":  # a folder can't be locked there; this file goes when it is closed
        return os.open(folder / "rct.lock", os.O_RDWR | os.O_CREAT | os.O_TEMPORARY)
    return os.open(folder, os.O_RDONLY)


def _try_lock(fd: int) -> bool:
    """Lock it, or find that the system has no such locks; False where another one has it."""
    return _locked(fd) is not False


def _hold(fd: int) -> bool:
    """Hold it for as long as this process lives; False where another one may."""
    return _locked(fd) is True


def _locked(fd: int) -> bool | None:
    """True: this process has the lock now; False: another one has it; None: the system has no such locks."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK) else None
    return True


def is_writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK)


@contextmanager
def whole_folder(target: Path, *, private: bool = False) -> Iterator[Path]:
    """A new folder to fill with files for others (`private`: for the office alone); when the block ends well it takes the
    place of `target` in one step.

    After an error, or a kill, `target` is as it was. What a killed run left beside it goes at the next one.
    """
    make_dir(target.parent, private=private)
    folders, files = (0o700, 0o600) if private else (0o755, 0o644)
    _sweep(target, Path.is_dir, partial(shutil.rmtree, ignore_errors=True))
    new, lock = _begun(target, _made_folder)
    try:
        yield new
        for path in (new, *new.rglob("*")):
            path.chmod(folders if path.is_dir() else files)
        if hasattr(os, "sync"):
            os.sync()  # once for all: a site has thousands of files
        _put_in_place(new, target)
        sync_folder(target.parent)
    finally:
        if lock is not None:
            os.close(lock)
        shutil.rmtree(new, ignore_errors=True)


def _sweep(target: Path, is_kind: Callable[[Path], bool], remove: Callable[[Path], object]) -> None:
    """Remove what dead commands left beside `target`. It is held while it goes: so is what a living one fills."""
    if sys.platform == "win32":
        return
    for left in target.parent.glob("*.tmp-*"):
        match = TEMPORARY.fullmatch(left.name)
        if not match or match["name"] != target.name or left.is_symlink() or not is_kind(left):
            continue
        with suppress(FileNotFoundError):
            held = os.open(left, os.O_RDONLY)
            try:
                if _hold(held):
                    remove(left)
            finally:
                os.close(held)


def _begun(target: Path, make: Callable[[Path], int | None]) -> tuple[Path, int | None]:
    """A new file or folder beside `target`, open and held. One that sweeps may take it before it is held: then anew."""
    while True:
        new = temporary_name(target, secrets.token_hex(16))
        opened = make(new)
        if sys.platform == "win32":
            return new, opened
        if opened is not None:
            if _try_lock(opened) and new.exists():
                return new, opened
            os.close(opened)


def _made_folder(path: Path) -> int | None:
    path.mkdir()
    try:
        return None if sys.platform == "win32" else os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None  # swept already


def _put_in_place(new: Path, target: Path) -> None:
    """Rename where nothing is yet, else swap: another one like this may have come first, even just now."""
    if not target.exists():
        try:
            new.rename(target)
            return
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
    _exchange(new, target)


def _exchange(new: Path, old: Path) -> None:
    """Swap two folders in one step where the system can (Linux); else by three renames."""
    if sys.platform == "linux":
        import ctypes

        rename = getattr(ctypes.CDLL(None), "renameat2", None)
        here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
        if rename is not None and rename(here, os.fsencode(new), here, os.fsencode(old), swap) == 0:
            return
    aside = temporary_name(old, secrets.token_hex(16))
    old.rename(aside)
    new.rename(old)
    aside.rename(new)
