"""The program: arguments, metrics endpoint, then one command or many. Exit codes are those of the contract."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from support.toggle.reference import __version__
from support.toggle.reference.arguments import UsageError, build_parser

if TYPE_CHECKING:
    from support.toggle.reference.hub import Hub
    from support.toggle.reference.settings import HubSettings

BAD_ARGUMENTS = 2
NO_METRICS_PORT = 3


class Program:
    """The program, in parts. What takes long to load is loaded once the arguments make sense."""

    prog = "toggle-hub"

    def main(self, argv: Sequence[str] | None = None) -> int:
        """Run with `argv` (default: the process's arguments); the exit code. SystemExit after --help and --version."""
        try:
            options = self.parse(sys.argv[1:] if argv is None else argv)
        except UsageError as error:
            return self.refuse(error)
        return self.run(options)

    def parse(self, argv: Sequence[str]) -> argparse.Namespace:
        """UsageError where `argv` makes no sense."""
        try:
            return build_parser(self.prog).parse_args(argv)
        except SystemExit:
            _flush_quietly()
            raise

    def refuse(self, error: UsageError) -> int:
        """Say what is wrong with the arguments; the exit code."""
        self.complain(str(error))
        return BAD_ARGUMENTS

    def run(self, options: argparse.Namespace) -> int:
        """Do what `options` ask for; the exit code."""
        import asyncio

        from prometheus_client import disable_created_metrics

        from support.toggle.reference.hub_log import log_to
        from support.toggle.reference.hub_metrics import MetricsPortError
        from support.toggle.reference.settings import HubSettings

        without_creation_times: Callable[[], None] = disable_created_metrics
        without_creation_times()
        times = ("connect_timeout", "io_timeout", "backoff_base", "backoff_cap", "jitter")
        hub = self.make_hub(HubSettings(**{name: getattr(options, name) for name in times}))
        try:
            port = self.open_metrics(hub, options.metrics_port, options.metrics_host)
        except MetricsPortError as error:
            self.complain(str(error.strerror))
            return NO_METRICS_PORT
        if sys.stderr is not None:
            log_to(sys.stderr, options.log_level)
        return asyncio.run(self.work(hub, options, {"ready": True, "metrics_port": port, "version": __version__}))

    def make_hub(self, settings: "HubSettings") -> "Hub":
        """The hub that does the work."""
        from support.toggle.reference.hub import Hub

        return Hub(settings)

    def open_metrics(self, hub: "Hub", port: int | None, host: str) -> int | None:
        """The port that answers; None where no endpoint was asked for. MetricsPortError."""
        return None if port is None else hub.metrics.serve(port, host)

    async def work(self, hub: "Hub", options: argparse.Namespace, ready: dict[str, object]) -> int:
        """Serve, or send the one command; the exit code."""
        if options.command == "serve":
            from support.toggle.reference.serve import Service

            await Service(hub, options.max_attempts).run(ready)
            return 0
        from support.toggle.reference.once import toggle_once

        address = (options.device_host, options.device_port)
        return await toggle_once(hub, ready, options.device_id, *address, options.state == "on", options.max_attempts)

    def complain(self, text: str) -> None:
        """One line on standard error, where there is one."""
        if sys.stderr is not None:
            print(f"{self.prog}: {text}", file=sys.stderr)


def _flush_quietly() -> None:
    """Write out what --help or --version said; whoever has stopped reading it gets no complaint."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
