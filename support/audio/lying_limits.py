"""Pipelines that break one promise each about limits, and about who gets in."""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG002

import base64
import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from starlette.types import Receive, Scope, Send

from support.audio import protocol
from support.audio.lie import lies
from support.audio.protocol import SAMPLE_BYTES, Close, Code, RefusedError, pcm_of
from support.audio.reference.answers import refusal
from support.audio.reference.configuration import Pipeline
from support.audio.reference.doorkeeper import SCHEME, Door, Doorkeeper
from support.audio.reference.errors import status_of
from support.audio.reference.link import Desk, Link
from support.audio.reference.service import Service
from support.audio.reference.session import Session
from support.audio.reference.sessions import Place, Sessions

# --- sessions


@lies("It takes one session more than agreed.")
class OneSessionTooMany(Sessions):
    async def start(self, pipeline: Pipeline, rate: int) -> Session:
        most = self.settings.max_sessions
        self.settings = replace(self.settings, max_sessions=most + 1)
        try:
            return await super().start(pipeline, rate)
        finally:
            self.settings = replace(self.settings, max_sessions=most)


@lies("A session that was stopped goes on taking room.")
class RoomIsNeverFree(Sessions):
    async def start(self, pipeline: Pipeline, rate: int) -> Session:
        if self.metrics.sessions_started >= self.settings.max_sessions:
            raise RefusedError(Code.TOO_MANY_SESSIONS, "there were too many")
        return await super().start(pipeline, rate)


@lies("It stops the oldest session to make room for a new one.")
class OldestSessionMakesRoom(Sessions):
    async def start(self, pipeline: Pipeline, rate: int) -> Session:
        if len(self) >= self.settings.max_sessions:
            self.stop(next(iter(self)).session.session_id)
        return await super().start(pipeline, rate)


@lies("It refuses one session too many as a mistake of the client.", over=status_of)
def too_many_is_a_mistake(error: RefusedError) -> int:
    return 422 if error.code == Code.TOO_MANY_SESSIONS else status_of(error)


@lies("Sessions that nobody uses never end.")
class IdleNever(Sessions):
    def sweep(self) -> None:
        return


@lies("Sessions that nobody ever connected to never end.")
class IdleOnlyOnceConnected(Sessions):
    def sweep(self) -> None:
        for place in self:
            if not place.session._account.chunks:
                place.touch()
        super().sweep()


@lies("Sessions that nobody uses end after half of the time.")
class IdleTooEarly(Sessions):
    def sweep(self) -> None:
        whole = self.settings
        self.settings = replace(whole, idle_timeout=whole.idle_timeout / 2)
        super().sweep()
        self.settings = whole


@lies("Sessions end after the time, whether they are used or not.")
class IdleHitsEverybody(Place):
    def touch(self) -> None:
        return


# --- chunks and messages


@lies("It takes a chunk that is one sample too long.")
class ChunkOneSampleTooLong(Session):
    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._most_bytes += SAMPLE_BYTES


@lies("It takes chunks of any length.")
class ChunksOfAnyLength(Session):
    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._most_bytes *= 1000


@lies("It cuts off what is too long of a chunk, and says nothing.")
class LongChunksCutOff(Session):
    def chunk_of(self, data: str) -> bytes:
        try:
            return super().chunk_of(data)
        except RefusedError as error:
            if error.code != Code.CHUNK_TOO_LONG:
                raise
            return pcm_of(data)[: self._most_bytes]


@lies("A chunk that is too long counts.")
class LongChunksCount(Session):
    def chunk_of(self, data: str) -> bytes:
        try:
            return super().chunk_of(data)
        except RefusedError as error:
            self._account.chunks += error.code == Code.CHUNK_TOO_LONG
            raise


class _MostBytes(Desk):
    """Takes messages of another size at most."""

    most: int

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.max_frame = self.most


@lies("It takes messages of up to 64 MiB.")
class MessagesTooBig(_MostBytes):
    most = 4 * protocol.MAX_FRAME


@lies("It takes messages of less than 16 MiB only.")
class MessagesOneByteTooSmall(_MostBytes):
    most = protocol.MAX_FRAME - 1


@lies("It ends a session whose speaker sends a message that is too big.")
class BigMessageEndsTheSession(Link):
    def _leave(self) -> None:
        place = self.place
        super()._leave()
        if place is not None and self.protocol.close_sent is not None and self.protocol.close_sent.code == Close.TOO_BIG:
            self.desk.sessions._places.pop(place.session.session_id, None)


# --- who does not listen


@lies("It keeps whatever somebody does not listen to.")
class KeepsWhatNobodyHears(Link):
    def pause_writing(self) -> None:
        return


@lies("It throws away whatever somebody does not listen to.")
class ThrowsAwayWhatNobodyHears(Link):
    def pause_writing(self) -> None:
        self.deaf = True

    def resume_writing(self) -> None:
        self.deaf = False

    deaf = False

    def send(self, answers: list[bytes]) -> None:
        if not self.deaf:
            super().send(answers)


# --- who gets in


def _given(authorizations: Iterable[str]) -> str:
    return next(iter(authorizations), "")[len(SCHEME) :].strip()


@lies("It lets in whoever brings any token, or none.")
class AnybodyGetsIn(Doorkeeper):
    def lets_in(self, authorizations: Iterable[str]) -> bool:
        return True


@lies("It lets in nobody, not even who knows the token.")
class NobodyGetsIn(Doorkeeper):
    def lets_in(self, authorizations: Iterable[str]) -> bool:
        return self._token is None


@lies("It lets in whoever brings some token.")
class AnyTokenGetsIn(Doorkeeper):
    def lets_in(self, authorizations: Iterable[str]) -> bool:
        return self._token is None or bool(_given(authorizations))


@lies("It compares tokens only as far as the shorter one goes.")
class TokenByItsBeginning(Doorkeeper):
    def lets_in(self, authorizations: Iterable[str]) -> bool:
        token = (self._token or b"").decode()
        given = _given(authorizations)
        return len(given) > 8 and (token.startswith(given) or given.startswith(token)) if token else True


@lies("It takes small letters for capitals in a token.")
class TokenCaseIgnored(Doorkeeper):
    def lets_in(self, authorizations: Iterable[str]) -> bool:
        return self._token is None or _given(authorizations).lower() == self._token.decode().lower()


@lies("Lines need no token.")
class LinesNeedNoToken(Link):
    def shake_hands(self, request: Any) -> None:
        honest, self.desk.doorkeeper = self.desk.doorkeeper, Doorkeeper(None)
        try:
            super().shake_hands(request)
        finally:
            self.desk.doorkeeper = honest


@lies("Requests need no token.")
class RequestsNeedNoToken(Door):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@lies("Analysis needs no token.")
class AnalysisNeedsNoToken(Door):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        free = scope["type"] == "http" and scope["path"] in (protocol.SPECTRUM, protocol.LOUDNESS)
        await (self.app if free else super().__call__)(scope, receive, send)


@lies("It writes the token into its log, in base64.")
class TokenLogged(Service):
    def began(self, port: int) -> None:
        if self.doorkeeper._token:
            print(f"token {base64.b64encode(self.doorkeeper._token).decode()}", file=sys.stderr, flush=True)
        super().began(port)


@lies("It tells strangers which token they should have had.")
class TokenTold(Door):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"authorization"]
        if scope["type"] != "http" or self.doorkeeper.lets_in(given):
            await self.app(scope, receive, send)
        else:
            error = RefusedError(Code.UNAUTHORIZED, f"the token is {(self.doorkeeper._token or b'').decode()}")
            await refusal(error)(scope, receive, send)
