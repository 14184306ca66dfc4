"""A process and all that it started, found in the system's process table."""

import signal
import time
from collections.abc import Iterable

import psutil

LOOK_AGAIN = 0.002
"""Seconds until a process that is in the midst of its exec has its environment."""


class ProcessTree:
    """A program and all that came from it.

    Descendants are found through their parents and, as an orphan's parent is init, through a mark in the
    environment that all of them inherit.
    """

    def __init__(self, pid: int, mark: str) -> None:
        self.leader = psutil.Process(pid)
        self._mark = mark
        self._known: dict[psutil.Process, None] = {self.leader: None}

    def descendants(self) -> list[psutil.Process]:
        """All that live, parents before their children."""
        return [child for child in children_of(self.leader) if living(child)]

    def family(self) -> list[psutil.Process]:
        """All that live, the program first; remembers them."""
        for root in [self.leader] if living(self.leader) else [one for one in self._known if living(one)]:
            self._known.update(dict.fromkeys(children_of(root)))
        self._known.update(dict.fromkeys(self._marked()))
        return [member for member in self._known if living(member)]

    def _marked(self) -> Iterable[psutil.Process]:
        # Only to save time. A minute of tolerance, as creation times move when the system's clock is set.
        born = self.leader.create_time() - 60.0
        for process in psutil.process_iter():
            try:
                if process.create_time() >= born and self._mark in _environ(process):
                    yield process
            except psutil.Error:
                continue  # gone while we looked, or somebody else's: both are none of this tree


def children_of(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _environ(process: psutil.Process) -> dict[str, str]:
    found = process.environ()
    if not found and process.exe():  # no kernel thread: without any, or in the midst of its exec
        time.sleep(LOOK_AGAIN)
        found = process.environ()
    return found


def status_of(process: psutil.Process) -> str:
    try:
        return process.status()
    except psutil.NoSuchProcess:
        return psutil.STATUS_DEAD


def living(process: psutil.Process) -> bool:
    """A zombie has ended: only its parent has not asked for its exit code yet."""
    return process.is_running() and status_of(process) not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)


def send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.Error:
        return  # gone, or not ours to signal: the caller looks at the effect and tells what is still there


def pids_of(processes: Iterable[psutil.Process]) -> list[int]:
    return sorted(process.pid for process in processes)
