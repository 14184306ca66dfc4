"""Repeats: the same request of the same session joins the call in flight, or gets the answer stored after it.

Only answers that are ok are stored: a call that failed, was refused or cancelled may be tried again under the same request
id. Answers are stored for a while, never more than a session can ask for in that while at the agreed rates, and never more
than fit into a fixed number of bytes: a gateway whose limits are off must not grow with what it has done.
"""

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from support.gateway.reference.session import Session
from support.gateway.reference.settings import Settings

if TYPE_CHECKING:
    from support.gateway.reference.calls import Call

MOST_BYTES = 64 * 1024 * 1024
"""Bytes of all stored answers; beyond that the oldest go first, before their time."""
MOST_ANSWERS = 2048
"""Stored answers of one session; beyond that its oldest go first. At 50 requests and 5 more a second there are 1,550 in 300 s."""
OVERHEAD = 500
"""Bytes that an answer takes in memory on top of its text, roughly."""

Key = tuple[str, str]


class Stored:
    """The text of an answer that is kept until `expires` (monotonic seconds)."""

    __slots__ = ("expires", "frame", "key")

    def __init__(self, key: Key, frame: bytes, expires: float) -> None:
        self.key = key
        self.frame = frame
        self.expires = expires

    def size(self) -> int:
        """Bytes that it takes in memory, roughly."""
        return len(self.frame) + OVERHEAD


class Repeats:
    """The calls in flight and the stored answers, by session and request id."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self.ttl = settings.repeat_ttl
        self.clock = clock
        self.bytes = 0
        self._running: dict[Key, Call] = {}
        self._stored: OrderedDict[Key, Stored] = OrderedDict()
        self._of_session: dict[str, deque[Key]] = {}

    def key(self, session: Session, request_id: str) -> Key:
        """What makes a request a repeat of another."""
        return (session.name, request_id)

    # --- calls in flight

    def running(self, key: Key) -> "Call | None":
        """The call in flight that a request of this key joins."""
        return self._running.get(key)

    def begin(self, call: "Call") -> None:
        """The call is in flight."""
        self._running[call.key] = call

    def end(self, call: "Call") -> None:
        """The call is no longer in flight."""
        if self._running.get(call.key) is call:
            del self._running[call.key]

    # --- stored answers

    def stored(self, key: Key) -> bytes | None:
        """The stored answer to a request of this key, marked as such."""
        self.expire()
        found = self._stored.get(key)
        return None if found is None else self.mark(found.frame)

    def mark(self, frame: bytes) -> bytes:
        """The answer with `from_cache`."""
        return frame[:-1] + b',"from_cache":true}'

    def store(self, key: Key, frame: bytes) -> None:
        """Keep the answer `frame`, the text of a JSON object, unless it takes more than all answers may."""
        if key in self._stored:
            return
        stored = Stored(key, frame, self.clock() + self.ttl)
        if stored.size() > MOST_BYTES:
            return
        self._stored[key] = stored
        self.bytes += stored.size()
        mine = self._of_session.setdefault(key[0], deque())
        mine.append(key)
        if len(mine) > MOST_ANSWERS:
            self._drop(mine[0])
        while self.bytes > MOST_BYTES:
            self._drop(next(iter(self._stored)))

    def expire(self) -> None:
        """Drop answers whose time is over."""
        now = self.clock()
        while self._stored and self.expired(self._stored[oldest := next(iter(self._stored))], now):
            self._drop(oldest)

    def expired(self, stored: Stored, now: float) -> bool:
        """Whether the answer's time is over."""
        return stored.expires <= now

    def _drop(self, key: Key) -> None:
        """Forget an answer: the oldest of all, or of its session. All are kept for the same time, so that both orders are one."""
        self.bytes -= self._stored.pop(key).size()
        mine = self._of_session[key[0]]
        mine.popleft()
        if not mine:
            del self._of_session[key[0]]

    def __len__(self) -> int:
        return len(self._stored)
