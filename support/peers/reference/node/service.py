"""The life of the program: it listens, says that it is ready, serves until a signal comes, and ends as it should."""

import asyncio
import gc
import json
import signal
import socket
from typing import TYPE_CHECKING

from aiohttp import web

from support.peers.reference.node import __version__
from support.peers.reference.node.answers import LONGEST_BODY, JsonServer, guarded
from support.peers.reference.node.arguments import Options
from support.peers.reference.node.configuration import Configuration
from support.peers.reference.node.interfaces import InterfaceError, find_interface
from support.peers.reference.node.log import LOG, why
from support.peers.reference.node.node import Node
from support.peers.reference.node.store import StateFolder
from support.peers.reference.node.web import Api

if TYPE_CHECKING:
    from aiohttp import StreamReader
    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.http import RawRequestMessage

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
BACKLOG = 128
END_LIMIT = 0.8
"""Seconds that the end may take; what is still open then is left to the system."""


class PortError(OSError):
    """The port cannot be had; the text is one line."""


class Service:
    """Runs a node."""

    def __init__(self, options: Options, folder: StateFolder, configuration: Configuration, known_id: str) -> None:
        self._options = options
        self._folder = folder
        self._configuration = configuration
        self._id = known_id
        self._signal: signal.Signals | None = None
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Serve until a signal comes. PortError."""
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._signalled, number)
        listening = self._listen()
        interface = find_interface(self._options.interface)
        port = int(listening.getsockname()[1])
        node = Node(self._options, self._folder, self._configuration, self._id, interface, port)
        server = JsonServer(guarded(Api(node).handle), request_factory=_request)
        http = await loop.create_server(server, sock=listening, backlog=BACKLOG)
        LOG.info("node_started", host=interface.listen, port=port, id=self._id, version=__version__)
        self._say({"ready": True, "port": port, "id": self._id, "hostname": node.hostname})
        # What was loaded at the start stays: looking through it for garbage again and again is a waste.
        gc.freeze()
        gc.enable()
        running = loop.create_task(node.run())
        stopping = loop.create_task(self._stop.wait())
        await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        LOG.info("node_stopping", signal=self._signal.name if self._signal else None)
        http.close()
        try:
            async with asyncio.timeout(END_LIMIT):
                await node.close()
                running.cancel()
                await asyncio.wait([running])
                await server.shutdown(0.05)
        except TimeoutError:
            LOG.warning("node_end_cut_short")
        LOG.info("node_ended")

    def _listen(self) -> socket.socket:
        """PortError."""
        port = self._configuration.port
        try:
            interface = find_interface(self._options.interface)
            listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((interface.listen, port))
            listening.listen(BACKLOG)
            listening.setblocking(False)
        except InterfaceError as error:
            raise PortError(str(error)) from error
        except OSError as error:
            raise PortError(f"cannot listen on {self._options.interface}:{port}: {error.strerror or why(error)}") from error
        return listening

    def _say(self, line: dict[str, object]) -> None:
        """One line of JSON on standard output; whoever does not read it misses it."""
        try:
            print(json.dumps(line), flush=True)
        except OSError as error:
            LOG.warning("ready_line_unread", why=why(error))

    def _signalled(self, number: signal.Signals) -> None:
        self._signal = number
        self._stop.set()


def _request(
    message: "RawRequestMessage",
    payload: "StreamReader",
    protocol: "web.RequestHandler",
    writer: "AbstractStreamWriter",
    task: "asyncio.Task[None]",
) -> web.BaseRequest:
    return web.BaseRequest(message, payload, protocol, writer, task, asyncio.get_running_loop(), client_max_size=LONGEST_BODY)
