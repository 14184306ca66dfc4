"""The program: settings, then the board."""

import os
import sys
from collections.abc import Sequence

from support.peers.reference.emulator.arguments import UsageError, read_settings

PROG = "power-board"
BAD_ARGUMENTS = 2
NO_PORT = 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run with `argv` (default: the process's arguments); the exit code. SystemExit after --help and --version."""
    try:
        settings = read_settings(sys.argv[1:] if argv is None else argv, os.environ, PROG)
    except UsageError as error:
        complain(str(error))
        return BAD_ARGUMENTS

    # What takes long to load is loaded once the settings make sense.
    import asyncio

    from support.peers.reference.emulator.log import log_to
    from support.peers.reference.emulator.service import PortError, Service

    if sys.stderr is not None:
        log_to(sys.stderr, settings.log_level)
    try:
        asyncio.run(Service(settings).run())
    except PortError as error:
        complain(str(error))
        return NO_PORT
    return 0


def complain(text: str) -> None:
    """One line on standard error, where there is one."""
    if sys.stderr is not None:
        print(f"{PROG}: {text}", file=sys.stderr)
