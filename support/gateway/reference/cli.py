"""The program: settings and token, then the gateway. Exit codes are those of the contract."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from support.gateway.reference.arguments import UsageError, read_settings
from support.gateway.reference.secret import check_token, read_token
from support.gateway.reference.settings import Settings

if TYPE_CHECKING:
    from support.gateway.reference.gateway import Gateway
    from support.gateway.reference.service import Service

BAD_ARGUMENTS = 2
NO_PORT = 3
SPARE_FILES = 256
"""Open files that a gateway may need on top of two for each connection."""


class Program:
    """The program, in parts. What takes long to load is loaded once settings and token make sense."""

    prog = "tool-gateway"

    def main(self, argv: Sequence[str] | None = None) -> int:
        """Run with `argv` (default: the process's arguments); the exit code. SystemExit after --help and --version."""
        try:
            settings = read_settings(sys.argv[1:] if argv is None else argv, os.environ, self.prog)
            token = read_token(settings.token_file, os.environ)
            self.check_token(token)
        except UsageError as error:
            self.complain(str(error))
            return BAD_ARGUMENTS
        return self.run(settings, token)

    def check_token(self, token: str) -> None:
        """UsageError if the token will not do."""
        check_token(token)

    def run(self, settings: Settings, token: str) -> int:
        """Serve until a signal comes; the exit code."""
        import asyncio

        from support.gateway.reference.log import log_to
        from support.gateway.reference.service import PortError

        if sys.stderr is not None:
            log_to(sys.stderr, settings.log_level, token)
        allow_files(2 * settings.max_connections + SPARE_FILES)
        try:
            return asyncio.run(self.work(settings, token))
        except PortError as error:
            self.complain(str(error))
            return NO_PORT

    async def work(self, settings: Settings, token: str) -> int:
        """Serve on this loop; the exit code."""
        return await self.make_service(self.make_gateway(settings, token)).run()

    def make_gateway(self, settings: Settings, token: str) -> "Gateway":
        """The gateway that answers."""
        from support.gateway.reference.gateway import Gateway

        return Gateway(settings, token)

    def make_service(self, gateway: "Gateway") -> "Service":
        """What runs it."""
        from support.gateway.reference.service import Service

        return Service(gateway)

    def complain(self, text: str) -> None:
        """One line on standard error, where there is one."""
        if sys.stderr is not None:
            print(f"{self.prog}: {text}", file=sys.stderr)


def allow_files(wanted: int) -> None:
    """Raise the limit of open files to `wanted` if it is lower, as far as the system lets us."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
