"""A client: one connection after its upgrade, and what is said to it."""

from support.gateway.reference.answers import Answer, Encoder
from support.gateway.reference.link import Link
from support.gateway.reference.metrics import GatewayMetrics
from support.gateway.reference.session import Session


class Client:
    """A connection with its number, and its session from the hello on. Frames sent are counted."""

    __slots__ = ("address", "encoder", "holds_slot", "link", "metrics", "number", "session")

    def __init__(self, link: Link, number: int, metrics: GatewayMetrics, encoder: Encoder) -> None:
        self.link = link
        self.number = number
        self.metrics = metrics
        self.encoder = encoder
        self.address = link.address
        self.session: Session | None = None
        self.holds_slot = False

    def received(self, op: str) -> None:
        """A text frame has come in."""
        self.metrics.received(op)
        if self.session is not None:
            self.session.received += 1

    def say(self, op: str, answer: Answer) -> bool:
        """Send the answer; whether the connection was there to take it."""
        return self.send(op, self.encoder.encode(answer))

    def send(self, op: str, frame: bytes) -> bool:
        """Send a frame; whether the connection was there to take it. Counted before the client can have it."""
        if not self.link.post(frame):
            return False
        self.metrics.sent(op)
        if self.session is not None:
            self.session.sent += 1
        return True
