"""A bare echo: a WebSocket server that gives every frame back, with the same library as the reference and nothing else.

It shows what this machine can do at all. `python -m support.gateway.echo` prints one line of JSON with its port when it answers.
"""

import asyncio
import json
import signal

from websockets.asyncio.server import ServerConnection, serve

HOST = "127.0.0.1"


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
