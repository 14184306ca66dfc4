"""The long-lived hub: commands as JSON lines on standard input, one JSON line per command as the answer."""

import asyncio
import contextlib
import logging
import signal
import threading
from collections.abc import Callable
from dataclasses import asdict

from support.toggle.reference.commands import BadCommandError, ServeCommand, parse_command
from support.toggle.reference.hub import Hub, Result
from support.toggle.reference.lines import LineWriter, read_lines
from support.toggle.reference.signals import on_stop

MOST_AT_A_TIME = 256
"""Commands under way; more wait in the pipe. Each takes a file descriptor, of which a process often has 1024."""
GRACE = 1.2
"""Seconds for commands under way to end by themselves after a stop signal."""
FLUSH_LIMIT = 0.4
"""Seconds that whoever reads the answers may hold up the end after a stop signal."""


class Service:
    """Serves `hub` to the program's standard input and output. `max_attempts` is for commands that name none."""

    def __init__(self, hub: Hub, max_attempts: int) -> None:
        self.hub = hub
        self.max_attempts = max_attempts
        self._loop = asyncio.get_running_loop()
        self._no_more = asyncio.Event()  # the input has ended, or the hub was told to stop
        self._stopped = asyncio.Event()  # the hub was told to stop, or nobody reads the answers
        self._written = asyncio.Event()
        self._room = threading.BoundedSemaphore(MOST_AT_A_TIME)
        self._tasks: set[asyncio.Task[Result]] = set()
        self._out = LineWriter(on_end=lambda: self._soon(self._output_ended))

    async def run(self, ready: dict[str, object]) -> None:
        """Serve until the input ends (and finish what is under way) or a stop signal comes (and drop it after `GRACE`)."""
        with on_stop(self._signalled):
            self._out.put(ready)
            self.hub.log.write(logging.INFO, "hub_started")
            read_lines(self._wait_for_room, lambda: self._soon(self._no_more.set))
            await self._no_more.wait()
            stopped = asyncio.ensure_future(self._stopped.wait())
            while self._tasks and not stopped.done():
                await asyncio.wait([stopped, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
            await self._drop()
            self._out.finish()
            written = asyncio.ensure_future(self._written.wait())
            await asyncio.wait([stopped, written], return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait([written], timeout=FLUSH_LIMIT)
            self.hub.log.write(logging.INFO, "hub_ended")

    async def _drop(self) -> None:
        """End what is still under way: by itself for a while, then by force."""
        if not self._tasks:
            return
        await asyncio.wait(self._tasks, timeout=GRACE)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _signalled(self, number: signal.Signals) -> None:
        self.hub.log.write(logging.INFO, f"hub_stopped_by_{number.name}")
        self._stop()

    def _stop(self) -> None:
        self._stopped.set()
        self._no_more.set()

    def _output_ended(self) -> None:
        self._written.set()
        self._stop()

    # --- on the threads that read and write

    def _wait_for_room(self, line: bytes) -> None:
        self._room.acquire()
        self._soon(self._take, line)

    def _soon(self, call: Callable[..., object], *args: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has been closed: the hub has ended
            self._loop.call_soon_threadsafe(call, *args)

    # --- on the loop

    def _take(self, line: bytes) -> None:
        try:
            command = parse_command(line, self.max_attempts)
            if self._stopped.is_set():
                raise BadCommandError("the hub is about to end and takes no more commands", command.id)
        except BadCommandError as error:
            self._out.put({"id": error.id, "error": str(error)})
            self._room.release()
            return
        host, port = command.device_host, command.device_port
        work = self.hub.toggle(command.device_id, host, port, command.state, command.max_attempts)
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._answer(command, done))

    def _answer(self, command: ServeCommand, task: "asyncio.Task[Result]") -> None:
        self._tasks.discard(task)
        self._room.release()
        if task.cancelled():
            self._out.put({"id": command.id, "error": "the hub was ended before the command was"})
        elif error := task.exception():
            self.hub.log.write(logging.ERROR, "command_crashed", error=error)
            self._out.put({"id": command.id, "error": f"the hub failed: {type(error).__name__}"})
        else:
            self._out.put({"id": command.id, **asdict(task.result())})
