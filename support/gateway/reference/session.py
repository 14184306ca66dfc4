"""Sessions: what belongs to a client across its connections."""

import secrets
from collections import OrderedDict
from collections.abc import Callable

from support.gateway.reference.settings import Settings

LEAST_MEMORY_S = 300.0
"""Seconds that a session without connection and calls is remembered at least."""
MOST_IDLE = 10_000
"""Sessions without a connection that are remembered at most; the ones left longest ago go first."""


class Session:
    """A session's figures. A gateway knows one token, so that the name alone tells sessions apart."""

    __slots__ = ("calls", "connections", "idle_since", "in_flight", "latency_total_s", "name", "received", "sent")

    def __init__(self, name: str) -> None:
        self.name = name
        self.connections = 0
        self.in_flight = 0
        self.received = 0
        """Text frames of the client, from its hello on."""
        self.sent = 0
        """Frames to the client, from the hello's answer on."""
        self.calls = 0
        """Calls that ran and are answered."""
        self.latency_total_s = 0.0
        self.idle_since = 0.0

    def ran(self, seconds: float) -> None:
        """A call has run for so long."""
        self.calls += 1
        self.latency_total_s += seconds

    def mean_latency_ms(self) -> float:
        """Over all calls that ran; 0 if none did."""
        return self.latency_total_s / self.calls * 1000 if self.calls else 0.0


class Sessions:
    """The sessions that are connected or were so lately."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.memory_s = max(settings.repeat_ttl, LEAST_MEMORY_S)
        """Seconds that a session without connection and calls is remembered: as long as its answers are."""
        self._known: dict[str, Session] = {}
        self._idle: OrderedDict[str, Session] = OrderedDict()

    def new_name(self) -> str:
        """A session id that nobody can guess."""
        return secrets.token_urlsafe(24)

    def enter(self, name: str) -> Session:
        """A connection said hello under this session id."""
        session = self._known.get(name)
        if session is None:
            session = self._known[name] = Session(name)
        self._idle.pop(name, None)
        session.connections += 1
        return session

    def leave(self, session: Session) -> None:
        """A connection of the session has ended."""
        session.connections -= 1
        if not session.connections:
            self.rest(session)

    def rest(self, session: Session) -> None:
        """The session has no connection, from now on or still."""
        session.idle_since = self.clock()
        self._idle[session.name] = session
        self._idle.move_to_end(session.name)
        if len(self._idle) > MOST_IDLE:
            self._forget_oldest()

    def sweep(self) -> None:
        """Forget sessions that nobody came back to."""
        now = self.clock()
        while self._idle:
            oldest = next(iter(self._idle.values()))
            if oldest.idle_since + self.memory_s > now:
                return
            if oldest.in_flight:
                self.rest(oldest)
            else:
                self._forget_oldest()

    def _forget_oldest(self) -> None:
        name, _ = self._idle.popitem(last=False)
        del self._known[name]

    def __len__(self) -> int:
        return len(self._known)
