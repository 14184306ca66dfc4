"""The program: settings and token, then the server."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from support.audio.reference.arguments import UsageError, read_settings
from support.audio.reference.secret import read_token
from support.audio.reference.settings import Settings

if TYPE_CHECKING:
    from support.audio.reference.service import Service

BAD_ARGUMENTS = 2
NO_PORT = 3
SPARE_FILES = 512
"""Open files that a server may need on top of two for each session."""


class Program:
    """The program, in parts. What takes long to load is loaded once settings and token make sense."""

    prog = "audio-pipeline"

    def main(self, argv: Sequence[str] | None = None) -> int:
        """Run with `argv` (default: the process's arguments); the exit code. SystemExit after --help and --version."""
        try:
            settings = read_settings(sys.argv[1:] if argv is None else argv, os.environ, self.prog)
            token = read_token(settings.token_file, os.environ)
        except UsageError as error:
            self.complain(str(error))
            return BAD_ARGUMENTS
        return self.run(settings, token)

    def run(self, settings: Settings, token: str | None) -> int:
        """Serve until a signal comes; the exit code."""
        import gc

        # Chunks are short: threads of the numeric library would cost more than they bring, and take memory.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        # Nothing that is loaded now is garbage: looking for it takes a fifth of the start.
        gc.disable()
        from support.audio.reference.log import log_to
        from support.audio.reference.service import PortError

        if sys.stderr is not None:
            log_to(sys.stderr, settings.log_level, token)
        allow_files(2 * settings.max_sessions + SPARE_FILES)
        try:
            return self.make_service(settings, token).run()
        except PortError as error:
            self.complain(str(error))
            return NO_PORT

    def make_service(self, settings: Settings, token: str | None) -> "Service":
        """What serves."""
        from support.audio.reference.service import Service

        return Service(settings, token)

    def complain(self, text: str) -> None:
        """One line on standard error, where there is one."""
        if sys.stderr is not None:
            print(f"{self.prog}: {text}", file=sys.stderr)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with `argv` (default: the process's arguments); the exit code."""
    return Program().main(argv)


def allow_files(wanted: int) -> None:
    """Raise the limit of open files to `wanted` if it is lower, as far as the system lets us."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
