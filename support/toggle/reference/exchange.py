"""One attempt over TCP in its three acts: connect, send, receive. Each has its time limit and names its failure."""

import asyncio
import errno
import socket

from support.toggle.protocol import MAX_REPLY
from support.toggle.reference.outcome import AttemptError, Outcome
from support.toggle.reference.resolve import Target, resolve
from support.toggle.reference.settings import HubSettings

UNREACHABLE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN})


class Exchange:
    """The three acts of an attempt under the time limits of `settings`. Each raises AttemptError."""

    def __init__(self, settings: HubSettings) -> None:
        self.settings = settings

    async def connect(self, host: str, port: int) -> socket.socket:
        """A connection to `host`, which the caller closes."""
        try:
            async with asyncio.timeout(self.settings.connect_timeout):
                return await self._connect_first(await resolve(host, port))
        except (OSError, ValueError) as error:
            raise AttemptError(_failure_to_connect(error)) from error

    async def send(self, link: socket.socket, frame: bytes) -> None:
        """Hand the whole frame to the network."""
        try:
            async with asyncio.timeout(self.settings.io_timeout):
                await asyncio.get_running_loop().sock_sendall(link, frame)
        except OSError as error:
            raise AttemptError(Outcome.SEND_ERROR) from error

    async def receive(self, link: socket.socket) -> bytes:
        """The reply. The time limit is for the whole wait, however slowly it comes."""
        reply = bytearray()
        try:
            async with asyncio.timeout(self.settings.io_timeout):
                await self.read(link, reply)
        except TimeoutError as error:
            raise AttemptError(Outcome.TIMEOUT, bytes(reply)) from error
        except OSError as error:
            raise AttemptError(Outcome.CLOSED, bytes(reply)) from error
        return bytes(reply)

    async def read(self, link: socket.socket, reply: bytearray) -> None:
        """Append to `reply` all bytes up to the end, or the first `MAX_REPLY` bytes: longer ones are wrong anyway."""
        loop = asyncio.get_running_loop()
        while len(reply) < MAX_REPLY and (piece := await loop.sock_recv(link, MAX_REPLY - len(reply))):
            reply += piece

    async def _connect_first(self, targets: list[Target]) -> socket.socket:
        """A connection to the first of `targets` that accepts one; the error of the last where none does."""
        for target in targets[:-1]:
            try:
                return await _connect(target)
            except OSError:
                continue  # the next address may do
        return await _connect(targets[-1])


async def _connect(target: Target) -> socket.socket:
    family, address = target
    link = socket.socket(family, socket.SOCK_STREAM)
    try:
        link.setblocking(False)
        # The frame is one small write, which must not wait for anything.
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(link, address)
        if link.getsockname() == address:
            # Where nothing listens, TCP can connect a socket with itself when it draws its own target as its port.
            raise ConnectionRefusedError(errno.ECONNREFUSED, "nothing listens: the connection met itself")
    except BaseException:
        link.close()
        raise
    return link


def _failure_to_connect(error: OSError | ValueError) -> Outcome:
    if isinstance(error, ConnectionRefusedError):
        return Outcome.REFUSED
    if isinstance(error, TimeoutError):
        return Outcome.CONNECT_TIMEOUT
    if isinstance(error, OSError) and error.errno in UNREACHABLE:
        return Outcome.UNREACHABLE
    return Outcome.CONNECT_ERROR
