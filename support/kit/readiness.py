"""Whether a program that was started is ready: it accepts connections, answers HTTP, or says so in its log."""

import re
import socket
from collections.abc import Callable, Mapping
from typing import Literal

import requests

from support.kit.command_line import filled
from support.kit.direct import direct
from support.kit.profile import ReadyLog, ReadyUrl

PROBE_LIMIT = 0.5
"""Seconds that one look may take."""


def look_at(
    ready: Literal["port"] | ReadyUrl | ReadyLog,
    *,
    port: Callable[[], bool],
    logged: Callable[[], str],
    values: Mapping[str, str],
) -> Callable[[], bool]:
    """A look as a profile's `ready` says.

    `port` is what to look at where it says port, `logged` gives the log, `values` fill the placeholders of its url.
    """
    if isinstance(ready, ReadyLog):
        pattern = re.compile(ready.log, re.MULTILINE)
        return lambda: pattern.search(logged()) is not None
    if isinstance(ready, ReadyUrl):
        (url,) = filled([ready.url], values)
        return lambda: answers(url, 200)
    return port


def answers(url: str, status: int | None = None) -> bool:
    """Whether something answers HTTP at `url`, with `status` where one is given."""
    try:
        with direct() as session:
            code = session.get(url, timeout=PROBE_LIMIT).status_code
    except requests.RequestException:
        return False
    return status is None or code == status


def accepts(host: str, port: int) -> bool:
    """Whether something accepts TCP connections there. Whoever does sees one that says nothing and is closed."""
    try:
        socket.create_connection((host, port), timeout=PROBE_LIMIT).close()
    except OSError:
        return False
    return True
