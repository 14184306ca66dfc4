"""How many calls may be in flight: in all, and per session."""

from support.gateway.reference.errors import OverCapacityError
from support.gateway.reference.session import Session
from support.gateway.reference.settings import Settings

RETRY_AFTER_S = 1.0
"""What a caller is told to wait: when a call in flight ends cannot be known."""


class Capacity:
    """Counts calls in flight. A call that is answered at once only needs room; it takes none."""

    def __init__(self, settings: Settings) -> None:
        self.limit = settings.max_inflight
        self.session_limit = settings.max_inflight_session
        self.in_flight = 0

    def check(self, session: Session) -> None:
        """OverCapacityError if there is no room for one more call of this session."""
        if self.session_full(session):
            raise OverCapacityError(f"the session has {session.in_flight} calls in flight", RETRY_AFTER_S)
        if self.full():
            raise OverCapacityError(f"{self.in_flight} calls are in flight", RETRY_AFTER_S)

    def full(self) -> bool:
        """Whether the gateway has no room for one more."""
        return self.in_flight >= self.limit

    def session_full(self, session: Session) -> bool:
        """Whether the session has no room for one more."""
        return session.in_flight >= self.session_limit

    def take(self, session: Session) -> None:
        """A call begins."""
        self.in_flight += 1
        session.in_flight += 1

    def free(self, session: Session) -> None:
        """A call has ended."""
        self.in_flight -= 1
        session.in_flight -= 1
