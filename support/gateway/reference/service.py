"""The life of the program: it listens, says that it is ready, serves until a signal comes, and ends as it should."""

import asyncio
import gc
import json
import signal
from http import HTTPStatus
from typing import cast

from websockets.asyncio.server import Server, ServerConnection, serve

from support.gateway.reference import __version__
from support.gateway.reference.closing import Closing
from support.gateway.reference.endpoint import Endpoint
from support.gateway.reference.gateway import Gateway
from support.gateway.reference.link import HIGH_WATER, Link
from support.gateway.reference.log import WEBSOCKET_LOGGER

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
SWEEP_EVERY = 5.0
"""Seconds."""
BACKLOG = 1024
"""Connections that wait to be accepted at most."""
MOST_FRAMES = (256, 64)
"""Frames of a client that wait to be answered: above the first number reading stops, at the second it goes on."""
CLOSE_TIMEOUT = 5.0
"""Seconds for the closing handshake."""


class PortError(OSError):
    """A port cannot be had; the text is one line."""


class Service:
    """Runs `gateway`, whose parts live on the loop that runs now."""

    link_class = Link
    closing_class = Closing

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.endpoint = Endpoint(gateway.metrics.text, self.health)
        self._signals: list[signal.Signals] = []
        self._stop = asyncio.Event()
        self._now = asyncio.Event()

    async def run(self) -> int:
        """Serve until a signal comes; the exit code. PortError."""
        settings, log = self.gateway.settings, self.gateway.log
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._signalled, number)
        server = await self.listen()
        metrics_port = await self.open_endpoint()
        port = int(next(iter(server.sockets)).getsockname()[1])
        # What was loaded at the start stays: looking through it for garbage again and again is a waste.
        gc.collect()
        gc.freeze()
        log.info("gateway_started", host=settings.host, port=port, metrics_port=metrics_port, version=__version__)
        self.say({"ready": True, "port": port, "metrics_port": metrics_port, "version": __version__})
        sweeping = loop.create_task(self.sweep())
        await self._stop.wait()
        log.info("gateway_stopping", signal=self._signals[0].name)
        server.close(close_connections=False)
        ending = asyncio.ensure_future(self.closing_class(self.gateway).run())
        at_once = asyncio.ensure_future(self._now.wait())
        await asyncio.wait([ending, at_once], return_when=asyncio.FIRST_COMPLETED)
        sweeping.cancel()
        self.endpoint.close()
        if not ending.done():
            log.warning("gateway_ended_at_once", signal=self._signals[-1].name)
            return 128 + self._signals[-1]
        ending.result()
        log.info("gateway_ended")
        return 0

    async def listen(self) -> Server:
        """Take connections from now on. PortError."""
        settings = self.gateway.settings
        try:
            return await serve(
                self.handle,
                settings.host,
                settings.port,
                create_connection=self.link_class,
                compression=None,
                max_size=self.max_frame(),
                write_limit=HIGH_WATER,
                max_queue=MOST_FRAMES,
                close_timeout=CLOSE_TIMEOUT,
                logger=WEBSOCKET_LOGGER,
                server_header=None,
                backlog=BACKLOG,
            )
        except (OSError, UnicodeError) as error:  # a host name that cannot be one is a UnicodeError
            raise self._no_port(settings.port, error) from error

    def max_frame(self) -> int:
        """Bytes of the longest frame that is read."""
        return self.gateway.settings.max_frame

    async def open_endpoint(self) -> int | None:
        """Answer HTTP from now on; the port, or None if no endpoint is wanted. PortError."""
        settings = self.gateway.settings
        if settings.metrics_port is None:
            return None
        try:
            return await self.endpoint.open(settings.host, settings.metrics_port)
        except (OSError, UnicodeError) as error:  # a host name that cannot be one is a UnicodeError
            raise self._no_port(settings.metrics_port, error) from error

    def _no_port(self, port: int, error: OSError | UnicodeError) -> PortError:
        why = " ".join(str(getattr(error, "strerror", None) or error).split())
        return PortError(f"cannot listen on {self.gateway.settings.host}:{port}: {why}")

    async def handle(self, connection: ServerConnection) -> None:
        """One connection."""
        await self.gateway.serve(cast(Link, connection))

    async def sweep(self) -> None:
        """Forget now and then what is no longer of use."""
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            self.gateway.sweep()

    def health(self) -> tuple[HTTPStatus, dict[str, object]]:
        """What `/health` tells."""
        stopping = self._stop.is_set()
        told: dict[str, object] = {
            "status": "shutting_down" if stopping else "ok",
            "version": __version__,
            "uptime_s": round(self.gateway.uptime_s(), 3),
            "connections": self.gateway.admission.connections,
        }
        return (HTTPStatus.SERVICE_UNAVAILABLE if stopping else HTTPStatus.OK), told

    def say(self, line: dict[str, object]) -> None:
        """One line of JSON on standard output; whoever does not read it misses it."""
        try:
            print(json.dumps(line), flush=True)
        except OSError as error:
            self.gateway.log.warning("ready_line_unread", why=type(error).__name__)

    def _signalled(self, number: signal.Signals) -> None:
        self._signals.append(number)
        (self._now if self._stop.is_set() else self._stop).set()
