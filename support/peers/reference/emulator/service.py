"""The life of the program: it listens, says that it is ready, serves until a signal comes, and ends as it should."""

import asyncio
import gc
import json
import logging
import signal
import time

from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage

from support.peers.reference.emulator import __version__
from support.peers.reference.emulator.board import Board
from support.peers.reference.emulator.commands import Commands
from support.peers.reference.emulator.log import LOG
from support.peers.reference.emulator.serial_line import SerialLine
from support.peers.reference.emulator.settings import Settings
from support.peers.reference.emulator.web import Api

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
GRACE = 0.5
"""Seconds that requests under way have left after a stop signal."""
HTTP_LOGGER = logging.getLogger("power_board.http")
NO_FAULT_OF_OURS = (BadHttpMessage, web.RequestPayloadError, ConnectionError)
"""Requests that are no HTTP, or whose body is not what its headers say, or breaks off. The library logs them with a traceback."""


class PortError(OSError):
    """A port cannot be had; the text is one line."""


def worth_a_line(record: logging.LogRecord) -> bool:
    """Whether the log should have what the library has to say."""
    return record.exc_info is None or not isinstance(record.exc_info[1], NO_FAULT_OF_OURS)


class Service:
    """Runs a board with these settings on the loop that runs now."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.board = Board(time.monotonic, settings.max_current)
        self.line = SerialLine(Commands(self.board))
        HTTP_LOGGER.addFilter(worth_a_line)
        self.runner = web.AppRunner(
            Api(self.line).application(), access_log=None, logger=HTTP_LOGGER, handle_signals=False, shutdown_timeout=GRACE
        )

    async def run(self) -> None:
        """Serve until a signal comes. PortError."""
        caught: asyncio.Queue[signal.Signals] = asyncio.Queue()
        for number in STOP_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, caught.put_nowait, number)
        try:
            serial_port = await self.open_serial()
            web_port = await self.open_web()
            # What was loaded at the start stays: looking through it for garbage again and again is a waste.
            gc.freeze()
            gc.enable()
            self.line.tell(self.board.take_events())
            ports = {"web_port": web_port, "serial_port": serial_port}
            LOG.info("board_started", host=self.settings.host, **ports, version=__version__)
            self.say({"ready": True, **ports, "version": __version__})
            LOG.info("board_stopping", signal=(await caught.get()).name)
        finally:
            self.line.close()
            await self.runner.cleanup()
        LOG.info("board_ended")

    async def open_serial(self) -> int:
        """Speak RAPI from now on; the port. PortError."""
        try:
            return await self.line.open(self.settings.host, self.settings.serial_port)
        except (OSError, UnicodeError) as error:  # a host name that cannot be one is a UnicodeError
            raise self._no_port(self.settings.serial_port, error) from error

    async def open_web(self) -> int:
        """Answer HTTP from now on; the port. PortError."""
        await self.runner.setup()
        try:
            await web.TCPSite(self.runner, self.settings.host, self.settings.web_port).start()
        except (OSError, UnicodeError) as error:  # a host name that cannot be one is a UnicodeError
            raise self._no_port(self.settings.web_port, error) from error
        return int(self.runner.addresses[0][1])

    def _no_port(self, port: int, error: OSError | UnicodeError) -> PortError:
        why = " ".join(str(getattr(error, "strerror", None) or error).split())
        return PortError(f"cannot listen on {self.settings.host}:{port}: {why}")

    def say(self, line: dict[str, object]) -> None:
        """One line of JSON on standard output; whoever does not read it misses it."""
        try:
            print(json.dumps(line), flush=True)
        except OSError as error:
            LOG.warning("ready_line_unread", why=type(error).__name__)
