"""The life of the program: it listens, says that it is ready, serves until a signal comes, and ends as it should."""

import asyncio
import gc
import json
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module

import uvicorn

from support.audio.reference import __version__
from support.audio.reference.app import make_app
from support.audio.reference.doorkeeper import Doorkeeper
from support.audio.reference.link import Desk, Link
from support.audio.reference.log import AudioLog
from support.audio.reference.metrics import ServerMetrics
from support.audio.reference.routes import Routes
from support.audio.reference.sessions import Sessions
from support.audio.reference.settings import Settings
from support.audio.reference.usage import Usage
from support.audio.reference.workers import Workers

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
BACKLOG = 1024
"""Connections that wait to be accepted at most."""
KEEP_ALIVE = 65
"""Seconds that a connection is kept for the next request."""
GRACE = 2
"""Seconds for what is under way when a signal comes."""
SHORT_WORKERS = 1
"""Threads for short chunks. Most of the work holds the interpreter's lock: a second thread would only fight for it."""
LONG_WORKERS = 2
"""Threads for long chunks, and for new sessions: so that these do not keep short ones waiting."""
HEAVY_WORKERS = 2
"""Threads for recordings and analysis."""
SWITCH_EVERY = 0.0005
"""Seconds that a thread may hold the interpreter's lock while others wait for it: a tenth of what is usual, for the sake of
short chunks beside long ones."""
LOADED_LATER = ("engine", "batch", "analysis")
"""What the start does not need and the first client does."""


class PortError(OSError):
    """The port cannot be had; the text is one line."""


class Service:
    """Puts the server together and runs it."""

    link_class = Link
    sessions_class = Sessions
    routes_class = Routes

    def __init__(self, settings: Settings, token: str | None) -> None:
        self.settings = settings
        self.log = AudioLog()
        self.metrics = ServerMetrics()
        self.usage = Usage()
        self.short = Workers(SHORT_WORKERS, "chunks")
        self.long = Workers(LONG_WORKERS, "long-chunks")
        self.heavy = Workers(HEAVY_WORKERS, "recordings")
        self.doorkeeper = Doorkeeper(token)
        self.sessions = self.sessions_class(settings, self.metrics, self.usage, self.long, self.log)
        self.routes = self.routes_class(self.sessions, self.metrics, self.usage, self.heavy, self.short, settings.max_body)

    def run(self) -> int:
        """Serve until a signal comes; the exit code. PortError."""
        sys.setswitchinterval(SWITCH_EVERY)
        listener = self.listen()
        desk = Desk(self.sessions, self.doorkeeper, self.short, self.long, self.log, self.settings.max_frame)
        config = uvicorn.Config(
            make_app(self.routes, self.doorkeeper, self.metrics, self.log),
            http="h11",
            ws=partial(self.link_class, desk),  # type: ignore[arg-type]
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=GRACE,
        )
        server = SignalledServer(config, self)
        asyncio.run(server.serve([listener]))
        self.log.info("server_ended", signals=[each.name for each in server.signals])
        return server.exit_code

    def listen(self) -> socket.socket:
        """The socket that clients connect to. PortError."""
        host, port = self.settings.host, self.settings.port
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            family, kind, protocol, _, address = found[0]
            # The protocol is said although there is only one: asyncio turns off the delay of small writes only if it reads TCP.
            listener = socket.socket(family, kind, protocol)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
            return listener
        except (OSError, UnicodeError) as error:  # a host name that cannot be one is a UnicodeError
            why = " ".join(str(getattr(error, "strerror", None) or error).split())
            raise PortError(f"cannot listen on {host}:{port}: {why}") from error

    def began(self, port: int) -> None:
        """The server answers from now on."""
        # What was loaded at the start stays: looking through it for garbage again and again is a waste.
        gc.freeze()
        gc.enable()
        self.log.info("server_started", host=self.settings.host, port=port, version=__version__)
        self.say({"ready": True, "port": port, "version": __version__})
        threading.Thread(target=load, args=(LOADED_LATER,), name="loading", daemon=True).start()

    async def sweep(self) -> None:
        """End idle sessions now and then."""
        while True:
            await asyncio.sleep(self.sessions.sweep_every())
            self.sessions.sweep()

    def say(self, line: dict[str, object]) -> None:
        """One line of JSON on standard output; whoever does not read it misses it."""
        try:
            print(json.dumps(line), flush=True)
        except OSError as error:
            self.log.warning("ready_line_unread", why=type(error).__name__)


class SignalledServer(uvicorn.Server):
    """A server that ends with 0 when it was asked to: uvicorn's own raises the signal again. A second signal ends it at once."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self.service = service
        self.signals: list[signal.Signals] = []

    @property
    def exit_code(self) -> int:
        """0, or 128+n after a second signal n."""
        return 128 + self.signals[-1] if self.force_exit else 0

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals that mean the end."""
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._signalled, number)
        yield

    def _signalled(self, number: signal.Signals) -> None:
        self.signals.append(number)
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer from now on, and say so."""
        await super().startup(sockets)
        assert sockets is not None
        self._sweeping = asyncio.ensure_future(self.service.sweep())
        self.service.began(int(sockets[0].getsockname()[1]))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End: sockets are closed as going away, requests under way are answered."""
        self.service.log.info("server_stopping", signal=self.signals[0].name if self.signals else "none")
        self._sweeping.cancel()
        await super().shutdown(sockets)


def load(modules: Sequence[str]) -> None:
    """Import these modules of the server."""
    for name in modules:
        import_module(f"support.audio.reference.{name}")
