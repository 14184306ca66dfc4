"""TCP ports that no other run on this machine uses at the same time.

For programs that must be told their port beforehand. They lie below the ephemeral range (RFC 6335: 49152
up; Linux takes 32768 up), so that no outgoing connection can sit on one by chance.
"""

import contextlib
import errno
import fcntl
import os
import secrets
import socket
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from support.kit.errors import InfrastructureError

FIRST, LAST = 20000, 29999


class NoPortError(InfrastructureError):
    """No port of the range is free."""


class PortLease:
    """A port that is this run's until release(), or until this process ends, however. A context manager."""

    def __init__(self, port: int, lock: int, path: Path) -> None:
        self.port = port
        self._lock: int | None = lock
        self._path = path

    def release(self) -> None:
        """Let others have the port; nothing happens the second time."""
        if self._lock is None:
            return
        lock, self._lock = self._lock, None
        # Removed while it is still locked: whoever opened it meanwhile sees that it is no longer the file
        # of that name.
        self._path.unlink(missing_ok=True)
        os.close(lock)
        _remove_if_empty(self._path.parent)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()


def lease_port() -> PortLease:
    """A port from FIRST to LAST that can be bound on 127.0.0.1 and on 0.0.0.0; else NoPortError."""
    return _lease(_candidates(), _folder())


def is_for_lease(port: int) -> bool:
    """Whether runs lease ports of this kind: who is or was there is likely to belong to one, this or another."""
    return FIRST <= port <= LAST


def _folder() -> Path:
    return Path(tempfile.gettempdir()) / f"plainwire-ports-{os.getuid()}"


def _candidates() -> Iterator[int]:
    """Every port once, from a random one on: runs seldom meet, and no port is used again at once."""
    count = LAST - FIRST + 1
    start = secrets.randbelow(count)
    return (FIRST + (start + step) % count for step in range(count))


def _lease(ports: Iterable[int], folder: Path) -> PortLease:
    tried = leased = 0
    for port in ports:
        tried += 1
        path = folder / f"{port}.lock"
        lock = _lock(path)
        if lock is None:
            leased += 1
            continue
        lease = PortLease(port, lock, path)
        try:
            free = _bindable("127.0.0.1", port) and _bindable("0.0.0.0", port)
        except BaseException:
            lease.release()
            raise
        if free:
            return lease
        lease.release()
    raise NoPortError(f"no free port: of {tried}, {leased} are leased by runs, {tried - leased} are in use otherwise")


def _lock(path: Path) -> int | None:
    """A descriptor that holds the lock on the file at `path`; None when somebody else holds it."""
    while True:
        try:
            lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            # The first lease, or another run has just released its last port and removed the folder. Others
            # make and remove it at any time: whether it is there can only be asked by opening.
            with contextlib.suppress(FileExistsError):
                path.parent.mkdir(mode=0o700)
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        if _is_at(lock, path):
            return lock
        os.close(lock)


def _is_at(lock: int, path: Path) -> bool:
    """Whether the open file is still the one of that name: its last holder removes it on release."""
    try:
        return os.path.samestat(os.fstat(lock), path.stat())
    except FileNotFoundError:
        return False


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError as error:
        if error.errno not in (
            errno.ENOTEMPTY,
            errno.EEXIST,
            errno.ENOENT,
        ):  # others hold ports, or removed it
            raise


def _bindable(host: str, port: int) -> bool:
    """Without SO_REUSEADDR: the program that gets the port may not set it either."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
        return True
