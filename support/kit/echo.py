"""A bare echo: a WebSocket server that gives every frame back, with the `websockets` library and nothing else.

It shows what this machine can do at all. `python -m support.kit.echo` prints one line of JSON with its port when it answers.
"""

import asyncio
import json
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

from websockets.asyncio.server import ServerConnection, serve

from support.kit.process import ManagedProcess

HOST = "127.0.0.1"
START_LIMIT = 10.0


def start_echo(log: Path, resources: ExitStack, patience: float) -> str:
    """A bare echo in a process of its own, which `resources` ends; where it is. It answers when this returns."""
    printed: list[str] = []
    process = ManagedProcess.start([sys.executable, "-m", "support.kit.echo"], name="echo", log=log, on_line=printed.append)
    resources.callback(process.stop)
    process.wait_ready(lambda: bool(printed), START_LIMIT * patience, "the echo to answer")
    return f"ws://{HOST}:{json.loads(printed[0])['port']}"


async def give_back(connection: ServerConnection) -> None:
    """Every frame back as it came, until the client goes."""
    async for frame in connection:
        await connection.send(frame)


async def main() -> None:
    """Serve until told to end."""
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    async with serve(give_back, HOST, 0, compression=None, ping_interval=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(json.dumps({"ready": True, "port": port}), flush=True)
        await over.wait()


if __name__ == "__main__":
    asyncio.run(main())
