"""Tokens that occur nowhere else: where one turns up in a log, the system under test has put it there."""

import os
import secrets
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from support.kit.owner import private_folder

USUAL = 24
"""Letters: half as many again as the contracts want."""


def new_token(length: int = USUAL) -> str:
    """So many letters and digits, the first of them letters."""
    return f"canary{secrets.token_hex(length)}"[:length]


def token_file(token: str, resources: ExitStack) -> str:
    """A file with the token for the system under test alone, in a folder that goes with `resources`."""
    folder = private_folder(Path(tempfile.gettempdir()), "token")
    resources.callback(shutil.rmtree, folder)
    path = folder / "token"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(token)
    return str(path)
