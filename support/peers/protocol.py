"""What a node and its power board say to each other (RAPI), and the words of load sharing that both sides of a test know.

Source: the contract of the chargers. A RAPI line is `$`, two letters, parameters apart by a space, optionally `^` and a
check of two upper-case hex digits, then CR. The check is the XOR of all bytes from `$` up to before `^`.
"""

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import reduce
from operator import xor

CR = b"\r"
OK = "OK"
REFUSED = "NK"
MAX_LINE = 256
"""Bytes of a RAPI line; what is longer is no line."""
SERVICE = "_openevse._tcp.local."
"""The type under which nodes advertise themselves (DNS-SD, RFC 6763)."""
GROUP_SIZE = 8
"""Members of a group: one controller and seven more."""
HEARTBEAT_RANGE = (5, 600)
"""Seconds that `loadsharing_heartbeat_timeout` may have."""
CURRENT_RANGE = (0, 80)
"""Amperes that a safe or an assumed current may have."""
SLACK = 0.25
"""Amperes that a pilot must be above what the vehicle draws, to be counted as what it draws."""
_LINE = re.compile(r"\$(?P<verb>[A-Z]{2})(?P<words>(?: [!-\]_-~]+)*)(?:\^(?P<check>[0-9A-F]{2}))?")


class RapiError(ValueError):
    """Bytes that are no RAPI line; the message says why."""


class State(IntEnum):
    """States of a station (SAE J1772, and those that OpenEVSE adds), as `$GS` tells them."""

    NO_VEHICLE = 0x01
    CONNECTED = 0x02
    CHARGING = 0x03
    VENTILATION = 0x04
    DIODE_CHECK_FAILED = 0x05
    GROUND_FAULT = 0x06
    NO_GROUND = 0x07
    STUCK_RELAY = 0x08
    SELF_TEST_FAILED = 0x09
    OVER_TEMPERATURE = 0x0A
    OVER_CURRENT = 0x0B
    ASLEEP = 0xFE
    DISABLED = 0xFF

    @property
    def faulty(self) -> bool:
        """Whether it is one of the faults."""
        return State.DIODE_CHECK_FAILED <= self <= State.OVER_CURRENT


class Reason(StrEnum):
    """Why a member has the current that it has."""

    CONNECTED_MIN = "connected_min"
    EQUAL_SHARE = "equal_share"
    MIN_SUBSET = "min_subset"
    INSUFFICIENT = "insufficient"
    OFFLINE = "offline"
    IDLE = "idle"


class Refusal(StrEnum):
    """The texts of errors that the contract fixes."""

    BAD_JSON = "Invalid JSON"
    NO_HOST = "Missing required 'host' parameter"
    EMPTY_HOST = "Host cannot be empty"
    LOCAL_HOST = "Cannot add local device as peer"
    BAD_HOST = "Invalid host format - must contain domain or IP"
    READ_ONLY = "Load sharing configuration is read-only on members"
    UNKNOWN_PEER = "Peer not found"


@dataclass(frozen=True)
class Line:
    """A RAPI line: `verb` such as GS, OK or AT, and its parameters."""

    verb: str
    words: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Without check and CR."""
        return " ".join((f"${self.verb}", *self.words))

    @property
    def is_reply(self) -> bool:
        """Whether it answers a command."""
        return self.verb in (OK, REFUSED)

    @property
    def is_event(self) -> bool:
        """Whether the board says it without being asked: a boot, a change of state."""
        return self.verb.startswith("A")

    def written(self) -> bytes:
        """With its check and CR, as it goes over the line."""
        return f"{self.text}^{check_of(self.text)}".encode("ascii") + CR


def check_of(text: str) -> str:
    """The check of a line's text from `$` on: two upper-case hex digits."""
    return f"{reduce(xor, text.encode('ascii'), 0):02X}"


def read_line(raw: bytes) -> Line:
    """The line that `raw` (without its CR) holds. RapiError: it is none, or its check is wrong. A missing check is accepted."""
    try:
        text = raw.decode("ascii")
    except UnicodeDecodeError as error:
        raise RapiError(f"{raw!r} is not ASCII") from error
    match = _LINE.fullmatch(text)
    if match is None or len(raw) > MAX_LINE:
        raise RapiError(f"{raw!r} is no RAPI line")
    told = match["check"]
    if told is not None and told != check_of(text[: -len(told) - 1]):
        raise RapiError(f"{raw!r} has the check {told}, not {check_of(text[: -len(told) - 1])}")
    return Line(match["verb"], tuple(match["words"].split()))
