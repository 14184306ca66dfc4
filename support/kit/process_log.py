"""What a process has logged since one of its starts: the log may hold those of earlier starts, too."""

import os
from pathlib import Path

TAIL_BYTES = 65536


def text_since(log: Path, begin: int) -> str:
    """All from the byte `begin` on."""
    with log.open("rb") as file:
        file.seek(begin)
        return file.read().decode("utf-8", "replace")


def tail_since(log: Path, begin: int, lines: int) -> str:
    """The last lines from the byte `begin` on, at most TAIL_BYTES; why not, in brackets, where the log cannot be read."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(begin, size - TAIL_BYTES))
            text = file.read(TAIL_BYTES).decode("utf-8", "replace")
    except OSError as error:
        return f"({error})"  # the tail only illustrates: what it illustrates must be told all the same
    return "\n".join(text.removesuffix("\n").split("\n")[-lines:])
