"""Who speaks with a node over its WebSocket: somebody who listens, a member's controller, or somebody who pretends to be it."""

import hashlib
import hmac
import json
import socket
from time import monotonic

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from support.kit.deadline import Deadline
from support.kit.errors import PromiseBrokenError
from support.kit.wire import WireLog

OPENING_LIMIT = 5.0
"""Seconds to be let in."""


class Voice:
    """A connection to a node's `/ws`. `source`: the address it comes from. `heard`: all that the node has said, with the time."""

    def __init__(self, place: tuple[str, int], name: str, wire: WireLog, source: str = "127.0.0.1") -> None:
        self.name = name
        self.heard: list[tuple[float, dict[str, object]]] = []
        self._wire = wire
        try:
            plain = socket.create_connection(place, timeout=OPENING_LIMIT, source_address=(source, 0))
            self._socket = connect(
                f"ws://{place[0]}:{place[1]}/ws", sock=plain, proxy=None, compression=None,
                open_timeout=OPENING_LIMIT, close_timeout=0.5,
            )  # fmt: skip
        except (OSError, WebSocketException) as error:
            raise PromiseBrokenError(
                "a charger takes connections of those who listen", f"{type(error).__name__}: {error}"
            ) from error

    def say(self, frame: object) -> None:
        """Send an object as it is. PromiseBrokenError where the node has closed the connection."""
        text = json.dumps(frame)
        self._wire.event(self.name, f"says {text}")
        try:
            self._socket.send(text)
        except (OSError, WebSocketException) as error:
            raise PromiseBrokenError("a charger keeps the connections of those who listen", str(error)) from error

    def give(self, amps: object, reason: str = "equal_share") -> None:
        """An allocation, as a controller says it to a member of a group without a secret."""
        self.say({"loadsharing": {"target_current": amps, "reason": reason}})

    def give_signed(self, amps: float, secret: str, member: str, sequence: int, reason: str = "equal_share") -> None:
        """An allocation in a group with a secret."""
        text = f"{member}|{sequence}|{amps:.2f}|{reason}"
        signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        self.say(
            {"loadsharing": {"target_current": amps, "reason": reason, "sequence": sequence, "signature": signature}},
        )

    def read(self, seconds: float) -> None:
        """Take in what the node says, for at most so long: until it has said something, or nothing came."""
        try:
            text = self._socket.recv(timeout=seconds)
        except TimeoutError:
            return
        except (OSError, WebSocketException) as error:
            raise PromiseBrokenError("a charger keeps the connections of those who listen", str(error)) from error
        self._wire.event(self.name, f"hears {str(text)[:2000]}")
        try:
            frame = json.loads(text)
        except ValueError as error:
            raise PromiseBrokenError("what a charger says to those who listen is an object", repr(text)[:200]) from error
        if not isinstance(frame, dict):
            raise PromiseBrokenError("what a charger says to those who listen is an object", repr(text)[:200])
        self.heard.append((monotonic(), frame))

    def await_field(self, key: str, accept: object, within: float) -> object:
        """The value of a field that equals `accept`, said within `within` seconds (or before)."""
        deadline = Deadline(within)
        while True:
            for _, frame in reversed(self.heard):
                if key in frame:
                    if frame[key] == accept:
                        return frame[key]
                    break
            if deadline.expired:
                break
            self.read(min(deadline.remaining, 0.1))
        seen = [frame[key] for _, frame in self.heard if key in frame] or "nothing of it"
        raise PromiseBrokenError(f"who listens is told that {key} is {accept!r} within {within:g} s", str(seen))

    def close(self) -> None:
        """Go."""
        self._socket.close()
