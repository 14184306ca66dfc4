"""All sessions: begun, found again, stopped, and ended when nobody uses them. Belongs to the loop's thread."""

import time
import uuid
from collections.abc import Iterator
from functools import partial
from typing import Protocol

from support.audio.protocol import Close, Code, RefusedError
from support.audio.reference.configuration import Pipeline
from support.audio.reference.dialogue import Dialogue
from support.audio.reference.log import AudioLog
from support.audio.reference.metrics import ServerMetrics
from support.audio.reference.session import Session
from support.audio.reference.settings import Settings
from support.audio.reference.usage import Usage
from support.audio.reference.workers import Workers

SWEEPS = 20
"""Looks for idle sessions in the time after which one ends."""
SHORTEST_SWEEP, LONGEST_SWEEP = 0.02, 5.0
"""Seconds."""


class Line(Protocol):
    """The socket of a session, as its place sees it."""

    def finish(self, code: int, reason: str) -> None:
        """Close it once what is under way has been answered."""

    def pump(self) -> None:
        """Go on with the frames that wait."""


class Place:
    """What the server knows of one session: who is connected to it, and whether it is being worked on.

    Of two sockets of one session the newer one counts. Frames of the older that nobody has begun with are dropped; what is
    under way is answered where it came from, before anything of the newer socket is begun.
    """

    def __init__(self, session: Session, dialogue: Dialogue) -> None:
        self.session = session
        self.dialogue = dialogue
        self.line: Line | None = None
        self.working = False
        self.used = time.monotonic()

    def touch(self) -> None:
        """Somebody uses it."""
        self.used = time.monotonic()


class Sessions:
    """At most as many at a time as `settings` allow."""

    session_class = Session
    dialogue_class = Dialogue

    def __init__(self, settings: Settings, metrics: ServerMetrics, usage: Usage, workers: Workers, log: AudioLog) -> None:
        self.settings = settings
        self.metrics = metrics
        self.usage = usage
        self.workers = workers
        self.log = log
        self._places: dict[str, Place] = {}
        self._beginning = 0

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Place]:
        return iter(list(self._places.values()))

    async def start(self, pipeline: Pipeline, rate: int) -> Session:
        """Begin a session. RefusedError TOO_MANY_SESSIONS."""
        if len(self._places) + self._beginning >= self.settings.max_sessions:
            raise RefusedError(Code.TOO_MANY_SESSIONS, f"there are {self.settings.max_sessions} sessions already")
        self._beginning += 1
        try:
            session = await self.workers.run(partial(self.make_session, pipeline, rate))
        finally:
            self._beginning -= 1
        self._places[session.session_id] = Place(session, self.dialogue_class(session, self.metrics))
        self.metrics.session_started()
        self.log.info("session_started", session=session.session_id, pipeline=session.pipeline_id, rate=rate)
        return session

    def make_session(self, pipeline: Pipeline, rate: int) -> Session:
        """A session of its own; on a worker's thread, for the first one loads what sound is processed with."""
        from support.audio.reference.engine import make_chain

        chain = make_chain(pipeline.stages, rate)
        return self.session_class(str(uuid.uuid4()), pipeline, rate, chain, self.settings.max_chunk, self.usage)

    def find(self, session_id: str) -> Place | None:
        """The place of this session, if it runs."""
        return self._places.get(session_id)

    def stop(self, session_id: str) -> Session:
        """End a session and close its socket. RefusedError SESSION_NOT_FOUND."""
        place = self._places.get(session_id)
        if place is None:
            raise RefusedError(Code.SESSION_NOT_FOUND, "there is no such session")
        self._end(place, "stopped")
        return place.session

    def sweep(self) -> None:
        """End what nobody has used for too long."""
        oldest = time.monotonic() - self.settings.idle_timeout
        for place in self:
            if place.used < oldest and not place.working:
                self._end(place, "idle")

    def sweep_every(self) -> float:
        """Seconds between two sweeps."""
        return min(LONGEST_SWEEP, max(SHORTEST_SWEEP, self.settings.idle_timeout / SWEEPS))

    def attach(self, place: Place, line: Line) -> None:
        """`line` is the session's from now on; the one before is closed."""
        before, place.line = place.line, line
        place.touch()
        if before is None:
            self.metrics.connected()
        else:
            before.finish(Close.REPLACED, "another connection of this session took over")
        self.log.info("session_connected", session=place.session.session_id, replaced=before is not None)

    def detach(self, place: Place, line: Line) -> None:
        """`line` is gone, if it still was the session's."""
        if place.line is line:
            place.line = None
            place.touch()
            self.metrics.disconnected()
            self.log.info("session_disconnected", session=place.session.session_id)

    def _end(self, place: Place, why: str) -> None:
        session = place.session
        del self._places[session.session_id]
        line = place.line
        if line is not None:
            self.detach(place, line)
            line.finish(Close.NORMAL, f"session {why}")
        self.metrics.session_ended(why)
        self.log.info("session_ended", session=session.session_id, why=why, chunks=session.figures["chunks_processed"])
