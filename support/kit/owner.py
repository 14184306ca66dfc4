"""Which process something outside of it belongs to: a container, a folder. What a dead one has left may be swept away.

For what the system does not end with its process. A mark names the machine's process table, the process and when it began, so
that a number that was given away again, and a process of another machine or container, is not taken for the owner.
"""

import os
import re
import shutil
import socket
import tempfile
from functools import cache
from pathlib import Path

import psutil

TOLERANCE = 60.0
"""Seconds by which the beginning of one and the same process may seem to move: the system's clock can be set."""
_MARK = re.compile(r"(?P<table>[0-9A-Za-z.-]+)_(?P<pid>[0-9]+)_(?P<began>[0-9]+)")


@cache
def mark_of(pid: int) -> str:
    """The mark of a living process: letters, digits, `.`, `-` and `_` only. psutil.NoSuchProcess when there is none."""
    return f"{_table()}_{pid}_{psutil.Process(pid).create_time():.0f}"


def my_mark() -> str:
    """This process's mark."""
    return mark_of(os.getpid())


def is_dead(mark: str) -> bool:
    """Whether the owner is known to be gone. False for one of another process table, and for what is no mark at all."""
    match = _MARK.fullmatch(mark)
    if match is None or match["table"] != _table():
        return False
    try:
        process = psutil.Process(int(match["pid"]))
        same = abs(process.create_time() - int(match["began"])) <= TOLERANCE
        return not same or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def private_folder(parent: Path, purpose: str) -> Path:
    """A new folder in `parent`, of this process and this user only; removes those for `purpose` that dead processes have left."""
    sweep_folders(parent, purpose)
    return Path(tempfile.mkdtemp(prefix=f"{_prefix(purpose)}{my_mark()}+", dir=parent))


def sweep_folders(parent: Path, purpose: str) -> None:
    """Remove what dead processes of this user have left of private_folder()."""
    prefix = _prefix(purpose)
    for folder in parent.glob(f"{prefix}*"):
        if is_dead(folder.name.removeprefix(prefix).rpartition("+")[0]):
            shutil.rmtree(folder, onerror=_unless_gone)


def sweep_all_folders(parent: Path) -> None:
    """The same for whatever purpose they were."""
    for purpose in {folder.name.split("-")[1] for folder in parent.glob(_prefix("*") + "*")}:
        sweep_folders(parent, purpose)


def _prefix(purpose: str) -> str:
    return f"plainwire-{purpose}-{os.getuid()}+"


def _unless_gone(_: object, __: str, trouble: tuple[type[BaseException], BaseException, object]) -> None:
    """Other runs sweep, too."""
    if not isinstance(trouble[1], FileNotFoundError):
        raise trouble[1]


@cache
def _table() -> str:
    """Host and, on Linux, the namespace of its process numbers."""
    host = re.sub(r"[^0-9A-Za-z.-]", "-", socket.gethostname())
    try:
        space = re.sub(r"[^0-9]", "", os.readlink("/proc/self/ns/pid"))
    except OSError:  # not Linux: there is one table only
        return host
    return f"{host}-{space}"
