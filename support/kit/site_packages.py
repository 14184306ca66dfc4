"""Third-party packages for the Python inside an image, installed on this machine: an image is built without a network."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from support.kit.errors import InfrastructureError
from support.kit.owner import private_folder

LIMIT = 300.0
"""Seconds for pip."""
GLIBC = ("2_17", "2_28", "2_34")
"""What wheels may ask for (PEP 600); Debian 12 has 2.36."""


@dataclass(frozen=True)
class Python:
    """The Python inside an image. version: such as 3.11; machine: such as x86_64, as wheels call it."""

    version: str
    machine: str


def cache_folder() -> Path:
    """Where a user's prepared things lie, for all runs and checkouts."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "plainwire"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def key_of(requirements: Sequence[str], python: Python) -> str:
    """The same for the same."""
    told = json.dumps([sorted(requirements), python.version, python.machine, GLIBC])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def site_packages(requirements: Sequence[str], python: Python) -> Path:
    """A folder with `requirements` and all that they need, for `python` on Linux; made once. InfrastructureError: pip's.

    pip judges conditions such as `python_version < "3.12"` by the Python that runs this suite: what only the one in the image
    needs must stand in `requirements`.
    """
    folder = cache_folder() / f"site-{key_of(requirements, python)}"
    if folder.is_dir():
        return folder
    work = private_folder(cache_folder(), "site")
    try:
        made = work / "site"
        made.mkdir()
        if requirements:
            _install(requirements, python, made)
        try:
            made.rename(folder)  # whole or not at all
        except OSError:
            if not folder.is_dir():  # else another run was quicker
                raise
    finally:
        shutil.rmtree(work)
    return folder


def _install(requirements: Sequence[str], python: Python, into: Path) -> None:
    platforms = [f"--platform=manylinux_{glibc}_{python.machine}" for glibc in GLIBC]
    platforms.append(f"--platform=manylinux2014_{python.machine}")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", f"--target={into}"]
    only = ["--only-binary=:all:", "--implementation=cp", f"--python-version={python.version}", *platforms]
    try:
        done = subprocess.run([*pip, *only, *requirements], capture_output=True, text=True, check=False, timeout=LIMIT)
    except subprocess.TimeoutExpired as error:
        raise InfrastructureError(f"pip has not installed {', '.join(requirements)} within {LIMIT:g} s") from error
    if done.returncode != 0:
        wanted = f"{', '.join(requirements)} for Python {python.version} on {python.machine}"
        raise InfrastructureError(f"pip cannot install {wanted}:\n{done.stderr.strip()}")
