"""Bytes that somebody drops on a bulb's port: not a hub, and not well-formed."""

import socket

from support.toggle.bulb import HOST, Bulb

PATIENCE = 3.0
"""Seconds for the bulb to hang up."""


def send(bulb: Bulb, data: bytes) -> bytes:
    """Send `data` on a connection of its own, send no more, and return what comes back until the bulb hangs up.

    Raises TimeoutError where it does not hang up.
    """
    with socket.create_connection((HOST, bulb.port), timeout=PATIENCE) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answer = bytearray()
        while piece := connection.recv(4096):
            answer += piece
    bulb.settle()
    return bytes(answer)
