"""The program: options, then the node. What takes long to load is loaded once the options make sense."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from support.peers.reference.node.arguments import UsageError, read_options
from support.peers.reference.node.store import StateFolder, StoreError

PROG = "charger-node"
BAD_ARGUMENTS = 2
NO_PORT = 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run with `argv` (default: the process's arguments); the exit code. SystemExit after --help and --version."""
    try:
        options = read_options(sys.argv[1:] if argv is None else argv, PROG)
    except UsageError as error:
        complain(str(error))
        return BAD_ARGUMENTS

    import asyncio

    from support.peers.reference.node.configuration import Configuration
    from support.peers.reference.node.log import log_to
    from support.peers.reference.node.settings import SettingError

    if sys.stderr is not None:
        log_to(sys.stderr, options.log_level)
    folder = StateFolder(Path.cwd())
    try:
        identity = folder.device_id()
        configuration = Configuration(folder, f"openevse-{identity[-4:]}", options.config, options.shortest_heartbeat)
    except (SettingError, StoreError) as error:
        complain(str(error))
        return BAD_ARGUMENTS

    from support.peers.reference.node.service import PortError, Service

    try:
        asyncio.run(Service(options, folder, configuration, identity).run())
    except PortError as error:
        complain(str(error))
        return NO_PORT
    # What is still in other threads (a name that is being resolved) must not hold up the end.
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(0)


def complain(text: str) -> None:
    """One line on standard error, where there is one."""
    if sys.stderr is not None:
        print(f"{PROG}: {text}", file=sys.stderr)
