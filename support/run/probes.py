"""What the machine offers: the answers to @needs.docker, @needs.multicast and @needs.browser."""

import functools
import os
import shutil
import socket
import struct
from collections.abc import Callable

from support.kit.engine import missing

_GROUP = "224.0.0.251"
_LIMIT = 2.0
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "firefox")


def _multicast() -> str | None:
    """A datagram sent to the mDNS group comes back on the loopback interface."""
    try:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        ):
            receiver.bind(("", 0))
            loopback = socket.inet_aton("127.0.0.1")
            receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(_GROUP) + loopback)
            receiver.settimeout(_LIMIT)
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, loopback)
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, struct.pack("B", 1))
            sender.sendto(b"probe", (_GROUP, receiver.getsockname()[1]))
            receiver.recv(16)
    except OSError as error:
        return f"no multicast on the loopback interface: {error or type(error).__name__}"
    return None


def _browser() -> str | None:
    named = os.environ.get("BROWSER_PATH")
    if named and shutil.which(named):
        return None
    if any(shutil.which(program) for program in _BROWSERS):
        return None
    return f"no browser: none of {', '.join(_BROWSERS)} is installed"


MACHINE_NEEDS: dict[str, Callable[[], str | None]] = {"docker": missing, "multicast": _multicast, "browser": _browser}


@functools.cache
def machine_missing(need: str) -> str | None:
    """Why the machine cannot serve the need, None if it can. Asked once per run. KeyError for another need."""
    return MACHINE_NEEDS[need]()
