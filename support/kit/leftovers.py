"""What a killed run has left: a run that is ended by SIGKILL can end nobody."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

from support.kit.owner import is_dead, my_mark, sweep_all_folders

VARIABLE = "PLAINWIRE_OWNER"
"""In the environment of every process that a run starts, and so of theirs: whose it is."""
LIMIT = 5.0
"""Seconds until what was killed has gone."""


def owned() -> dict[str, str]:
    """For the environment of a process that this one starts."""
    return {VARIABLE: my_mark()}


def sweep() -> None:
    """End and remove what dead runs of this user have left: processes and folders. (Containers go when the engine is used.)"""
    sweep_processes()
    sweep_all_folders(Path(tempfile.gettempdir()))


def sweep_processes() -> list[int]:
    """Kill what dead runs of this user have left, and everything that it has started; the pids. Living runs' are left alone."""
    left = list(_orphans())
    for process in left:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue  # another run sweeps, too
    psutil.wait_procs(left, LIMIT)
    return [process.pid for process in left]


def _orphans() -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if process.uids().real == os.getuid() and is_dead(process.environ().get(VARIABLE, "")):
                yield process
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # gone meanwhile, or not to be looked at and so none of ours
