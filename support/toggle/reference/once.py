"""One command from the command line."""

import asyncio
import signal
import threading
from dataclasses import asdict

from support.toggle.reference.hub import Hub
from support.toggle.reference.lines import LineWriter
from support.toggle.reference.signals import on_stop

FLUSH_LIMIT = 1.0
"""Seconds that whoever reads the result may hold up the end of the program."""


async def toggle_once(
    hub: Hub, ready: dict[str, object], device_id: str, host: str, port: int, state: bool, max_attempts: int
) -> int:
    """Print the ready line and the result; the exit code. A stop signal drops the command and exits with 128+n."""
    written = threading.Event()
    # Nobody may want to read the result: the command counts, and the exit code tells.
    out = LineWriter(on_end=written.set)
    caught: list[signal.Signals] = []
    command = asyncio.ensure_future(hub.toggle(device_id, host, port, state, max_attempts))

    def stop(number: signal.Signals) -> None:
        caught.append(number)
        command.cancel()

    try:
        with on_stop(stop):
            out.put(ready)
            await asyncio.wait([command])
            if command.cancelled():
                return 128 + caught[0]
            result = command.result()
            out.put(asdict(result))
            return 0 if result.acknowledged else 1
    finally:
        out.finish()
        written.wait(FLUSH_LIMIT)
