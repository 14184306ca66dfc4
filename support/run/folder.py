"""The folder that a run reports to: one run at a time, old output gone before the first scenario starts."""

import fcntl
import os
import shutil
from pathlib import Path
from typing import BinaryIO

from support.run.errors import RunRefusedError

LOCK = ".plainwire"
CONCURRENT = "concurrent"
_KEPT = {"README.md", "history", LOCK, CONCURRENT}


class ReportsFolder:
    """Held from the start of a run to its end, by a lock that the kernel drops when the run dies.

    path: where this run writes: `wanted`, or a folder below it when another run holds `wanted` (then `shared`).
    history: kept by all runs, whichever folder they write to.
    """

    def __init__(self, path: Path, history: Path, lock: BinaryIO, shared: bool) -> None:
        self.path = path
        self.history = history
        self.shared = shared
        self._lock = lock

    @classmethod
    def open(cls, wanted: Path, *, ours: bool) -> "ReportsFolder":
        """Take the folder and wipe what earlier runs left in it.

        ours: the project's own reports folder. Any other is only taken when it is empty or an earlier run made it,
        since wiping somebody's files would be no help. RunRefusedError for that, and for a folder that cannot be used.
        """
        try:
            _require_ours(wanted, ours)
            wanted.mkdir(parents=True, exist_ok=True)
            history = wanted / "history"
            lock = _try_lock(wanted)
            if lock is not None:
                _wipe(wanted)
                return cls(wanted, history, lock, shared=False)
            own, lock = _own_folder(wanted / CONCURRENT)
            return cls(own, history, lock, shared=True)
        except OSError as error:
            raise RunRefusedError(f"the reports folder {wanted} cannot be used: {error}") from error

    def release(self) -> None:
        """Let the next run have the folder. May be repeated."""
        self._lock.close()


def _require_ours(wanted: Path, ours: bool) -> None:
    if ours or not wanted.exists() or (wanted / LOCK).is_file():
        return
    if not wanted.is_dir() or any(wanted.iterdir()):
        raise RunRefusedError(
            f"-D reports={wanted}: neither an empty folder nor one that an earlier run made, so it is not wiped for this one"
        )


def _try_lock(folder: Path) -> BinaryIO | None:
    """The open lock file of the folder, None when another run holds it."""
    file = (folder / LOCK).open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    file.truncate(0)
    file.write(f"{os.getpid()}\n".encode())
    file.flush()
    return file


def _own_folder(among: Path) -> tuple[Path, BinaryIO]:
    """A new folder named after this process, locked. A run that starts right now may be wiping it away as a dead one's."""
    for attempt in range(1, 100):
        own = among / (str(os.getpid()) if attempt == 1 else f"{os.getpid()}-{attempt}")
        try:
            own.mkdir(parents=True)
            lock = _try_lock(own)
        except (FileExistsError, FileNotFoundError):
            continue
        if lock is None:
            continue
        if (own / LOCK).exists():
            return own, lock
        lock.close()
    raise RunRefusedError(f"no folder of its own for this run in {among}")


def _wipe(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name not in _KEPT:
            _remove(path)
    for path in (folder / CONCURRENT).glob("*"):
        lock = _try_lock(path)
        if lock is not None:  # its run has ended
            with lock:
                _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
