"""How a WebSocket connection ends: what was said of it, and how to end one without saying anything."""

import socket
import struct
import time
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection

NOTHING_SAID = 1006
"""The code of a connection that ended without a closing frame (RFC 6455 section 7.1.5)."""


@dataclass(frozen=True)
class Closing:
    """How a connection ended. `at`: seconds, monotonic clock."""

    code: int
    reason: str
    at: float

    def __str__(self) -> str:
        return f"closed with code {self.code} and the reason {self.reason!r}"


def closing_of(connection: ClientConnection) -> Closing:
    """How a connection that has just ended did so."""
    code = connection.close_code
    return Closing(NOTHING_SAID if code is None else code, connection.close_reason or "", time.monotonic())


def abort(connection: ClientConnection, *, reset: bool) -> None:
    """End the connection without a closing frame: by an orderly end of the stream, or by a reset. On the loop's thread."""
    transport = connection.transport
    if reset:
        # Lingering for 0 s is how a close becomes a RST.
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
