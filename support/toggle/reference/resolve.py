"""From a host name to socket addresses, without blocking the loop or outliving a time limit."""

import asyncio
import contextlib
import socket
import threading
from typing import TypeAlias

Address: TypeAlias = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
Target: TypeAlias = tuple[socket.AddressFamily, Address]


async def resolve(host: str, port: int) -> list[Target]:
    """The addresses of `host`, best first. OSError (as `socket.gaierror`) or ValueError where it has none."""
    numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    with contextlib.suppress(socket.gaierror):  # not an address, so it is a name
        return _look_up(host, port, numeric)
    return await _look_up_aside(host, port)


def _look_up(host: str, port: int, flags: int = 0) -> list[Target]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return [(family, address) for family, _, _, _, address in found]


async def _look_up_aside(host: str, port: int) -> list[Target]:
    # Not the loop's executor: its threads are waited for when the program ends, and a name server may take half a
    # minute to give up.
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[Target]] = loop.create_future()

    def settle(found: list[Target] | Exception) -> None:
        if answer.done():
            return
        if isinstance(found, Exception):
            answer.set_exception(found)
        else:
            answer.set_result(found)

    def work() -> None:
        found: list[Target] | Exception
        try:
            found = _look_up(host, port)
        except (OSError, ValueError) as error:
            found = error
        with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody waits any more
            loop.call_soon_threadsafe(settle, found)

    threading.Thread(target=work, name=f"resolve {host}", daemon=True).start()
    return await answer
