"""One WebSocket, from uvicorn's upgrade on: frames go straight to their session, and the answers straight back.

uvicorn hands over the connection with its request; there is no ASGI in between, which would cost as much as a small chunk.
What comes in waits in a bounded queue while one batch is being worked on; who does not read his answers is not read from.
A connection that is closed for a fault is read from until the client has seen why: closing at once would reset it.
"""

import asyncio
import json
from collections import deque
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from websockets.datastructures import Headers
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import CONNECTING, OPEN
from websockets.server import ServerProtocol

from support.audio.protocol import REALTIME, Close, Code, RefusedError, Tell
from support.audio.reference.dialogue import Frame as Text
from support.audio.reference.doorkeeper import Doorkeeper
from support.audio.reference.log import WEBSOCKET_LOGGER, AudioLog
from support.audio.reference.sessions import Place, Sessions
from support.audio.reference.workers import Outcome, Workers

MOST_WAITING = 256 * 1024
"""Bytes of frames that wait before nothing more is read."""
MOST_FRAMES = 64
"""Frames that wait before nothing more is read."""
BATCH_BYTES, BATCH_FRAMES = 64 * 1024, 8
"""What is handed to a worker at once, at most; a longer frame goes alone."""
HIGH_WATER = 256 * 1024
"""Bytes of answers that wait for a client before no more of its frames are worked on."""
CLOSE_TIMEOUT = 5.0
"""Seconds that a client may take to finish what it sends and say goodbye."""
PING_EVERY, DEAD_AFTER = 30.0, 90.0
"""Seconds between pings, and of silence after which nobody is there any more."""


class Desk:
    """What every link needs: the sessions, who may come in, and who does the work."""

    def __init__(
        self, sessions: Sessions, doorkeeper: Doorkeeper, short: Workers, long: Workers, log: AudioLog, max_frame: int
    ) -> None:
        self.sessions = sessions
        self.doorkeeper = doorkeeper
        self.short = short
        self.long = long
        self.log = log
        self.max_frame = max_frame


class Link(asyncio.Protocol):
    """One connection. Made by uvicorn, as its protocols are, but with `desk` in front."""

    # What uvicorn passes on is its own business.
    def __init__(self, desk: Desk, *, server_state: Any, **rest: Any) -> None:  # noqa: ARG002
        self.desk = desk
        self.connections: set[object] = server_state.connections
        self.loop = asyncio.get_running_loop()
        self.transport: asyncio.Transport | None = None
        self.protocol = ServerProtocol(max_size=desk.max_frame, logger=WEBSOCKET_LOGGER)
        self.place: Place | None = None
        self._inbox: deque[Text | None] = deque()
        self._waiting = 0
        self._parts: list[Text] = []
        self._part_is_text = False
        self._reading = True
        self._writable = True
        self._busy = False
        self._responded = False
        self._goodbye: tuple[int, str] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ping: asyncio.TimerHandle | None = None
        self._heard = self.loop.time()

    # --- the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """uvicorn hands over."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(high=HIGH_WATER)
        self.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - lost is lost
        """The TCP connection is gone."""
        self.connections.discard(self)
        self.transport = None
        for timer in (self._timer, self._ping):
            if timer is not None:
                timer.cancel()
        self._leave()

    def data_received(self, data: bytes) -> None:
        """Bytes from the client, the request first."""
        self._heard = self.loop.time()
        self.protocol.receive_data(data)
        for event in self.protocol.events_received():
            if isinstance(event, Request):
                self.shake_hands(event)
            elif isinstance(event, Frame):
                self.take(event)
        self._after_events()

    def eof_received(self) -> bool:
        """The client sends nothing more."""
        self.protocol.receive_eof()
        self._after_events()
        if self.transport is not None:
            self.transport.close()
        return True

    def pause_writing(self) -> None:
        """The client reads too slowly."""
        self._writable = False

    def resume_writing(self) -> None:
        """It has caught up."""
        self._writable = True
        self.pump()

    def shutdown(self) -> None:
        """The server ends; uvicorn calls this."""
        self.finish(Close.GOING_AWAY, "the server ends")

    # --- the handshake

    def shake_hands(self, request: Request) -> None:
        """Let the client in, or say why not."""
        path = request.path.partition("?")[0]
        self._responded = True
        if not self.desk.doorkeeper.lets_in(request.headers.get_all("Authorization")):
            return self._turn_away(HTTPStatus.UNAUTHORIZED, Code.UNAUTHORIZED, "a token is needed")
        session_id = unquote(path.removeprefix(f"{REALTIME}/"))
        if not path.startswith(f"{REALTIME}/") or "/" in session_id:
            return self._turn_away(HTTPStatus.NOT_FOUND, Code.INVALID_MESSAGE, "there is nothing to connect to here")
        response = self.protocol.accept(request)
        self.protocol.send_response(response)
        if response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            self._come_in(session_id)
        return None

    def _turn_away(self, status: int, code: Code, message: str) -> None:
        self.protocol.send_response(response_of(status, code, message))

    def _come_in(self, session_id: str) -> None:
        place = self.desk.sessions.find(session_id)
        if place is None:
            error = RefusedError(Code.SESSION_NOT_FOUND, "there is no such session")
            self.protocol.send_text(json.dumps({"type": Tell.ERROR.value, "error": error.told()}).encode())
            self.finish(Close.SESSION_NOT_FOUND, "no such session")
            return
        self.place = place
        self.desk.sessions.attach(place, self)
        self._ping = self.loop.call_later(PING_EVERY, self._is_anybody_there)

    # --- frames

    def take(self, frame: Frame) -> None:
        """One frame; a message may come in several. Control frames are answered by the protocol itself."""
        if frame.opcode is Opcode.TEXT or frame.opcode is Opcode.BINARY:
            self._part_is_text = frame.opcode is Opcode.TEXT
            self._parts = [frame.data]
        elif frame.opcode is Opcode.CONT:
            self._parts.append(frame.data)
        else:
            return
        if frame.fin:
            parts, self._parts = self._parts, []
            self.take_message(parts[0] if len(parts) == 1 else b"".join(parts))

    def take_message(self, data: Text) -> None:
        """A whole message: it waits for its turn."""
        if self.place is None or self._goodbye is not None:
            return
        if self._part_is_text and not is_utf8(data):
            self.protocol.fail(CloseCode.INVALID_DATA, "text is UTF-8")
            return
        frame = data if self._part_is_text else None
        self._inbox.append(frame)
        self._waiting += size_of(frame)
        self.place.touch()
        self.pump()

    def pump(self) -> None:
        """Hand what waits to a worker, if the session is free and the client reads."""
        place = self.place
        if place is None or place.working or place.line is not self or not self._inbox or not self._writable:
            return self._read_on()
        batch = [self._inbox.popleft()]
        size = size_of(batch[0])
        while self._inbox and len(batch) < BATCH_FRAMES and size + size_of(self._inbox[0]) <= BATCH_BYTES:
            batch.append(self._inbox.popleft())
            size += size_of(batch[-1])
        self._waiting -= size
        place.working = self._busy = True
        workers = self.desk.short if size <= BATCH_BYTES else self.desk.long
        workers.submit(partial(place.dialogue.answer_all, batch), partial(self._answered, place))
        return self._read_on()

    def _answered(self, place: Place, outcome: Outcome[list[bytes]]) -> None:
        place.working = self._busy = False
        place.touch()
        try:
            answers = outcome.result()
        except Exception as error:  # noqa: BLE001 - a fault of the program ends this socket, not the others
            self.desk.log.crashed("frame_failed", error, session=place.session.session_id)
            self.finish(Close.INTERNAL, "a fault in the server")
        else:
            self.send(answers)
        if self._goodbye is not None:
            self.finish(*self._goodbye)  # now that nothing is under way any more
        if place.line is not None:
            place.line.pump()

    def send(self, answers: list[bytes]) -> None:
        """Write these text frames."""
        if self.protocol.state is OPEN:
            for answer in answers:
                self.protocol.send_text(answer)
            self._write_out()

    # --- the end

    def finish(self, code: int, reason: str) -> None:
        """Close the socket, once what is under way has been answered; what waits is dropped."""
        self._goodbye = self._goodbye or (code, reason)
        self._forget_waiting()
        if not self._busy:
            if self.protocol.state is OPEN:
                self.protocol.send_close(*self._goodbye)
            elif self.protocol.state is CONNECTING and self.transport is not None:
                self.transport.close()
        self._after_events()

    def _forget_waiting(self) -> None:
        self._inbox.clear()
        self._waiting = 0

    def _is_anybody_there(self) -> None:
        if self.transport is None or self.protocol.state is not OPEN:
            return
        if self._reading and self.loop.time() - self._heard > DEAD_AFTER:
            self.transport.abort()
            return
        self.protocol.send_ping(b"")
        self._write_out()
        self._ping = self.loop.call_later(PING_EVERY, self._is_anybody_there)

    # --- reading and writing

    def _after_events(self) -> None:
        transport, protocol = self.transport, self.protocol
        if transport is None:
            return
        if protocol.handshake_exc is not None and not self._responded:
            self._responded = True
            transport.write(response_of(400, Code.INVALID_MESSAGE, "the request cannot be read").serialize())
        self._write_out()
        if protocol.state is OPEN:
            self._read_on()
        else:
            self._leave()
            self._read_on()
            if protocol.close_rcvd is not None and protocol.close_sent is not None:
                transport.close()
        if self._timer is None and (protocol.close_expected() or self._goodbye is not None):
            self._timer = self.loop.call_later(CLOSE_TIMEOUT, transport.abort)

    def _leave(self) -> None:
        if self.place is not None:
            self._forget_waiting()
            self.desk.sessions.detach(self.place, self)

    def _write_out(self) -> None:
        writes = self.protocol.data_to_send()
        transport = self.transport
        if not writes or transport is None or transport.is_closing():
            return
        ended = writes[-1] == b""
        transport.write(writes[0] if len(writes) == 1 else b"".join(writes))
        if ended and transport.can_write_eof():
            transport.write_eof()

    def _read_on(self) -> None:
        transport = self.transport
        full = self._waiting >= MOST_WAITING or len(self._inbox) >= MOST_FRAMES
        if transport is not None and full is self._reading and not transport.is_closing():
            self._reading = not full
            if full:
                transport.pause_reading()
            else:
                transport.resume_reading()


def size_of(frame: Text | None) -> int:
    """Bytes of a text frame."""
    return 0 if frame is None else len(frame)


def is_utf8(data: Text) -> bool:
    """Whether `data` is UTF-8 text."""
    text = bytes(data)
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def response_of(status: int, code: Code, message: str) -> Response:
    """A refused handshake."""
    body = json.dumps({"error": RefusedError(code, message).told()}).encode()
    headers = Headers([("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Connection", "close")])
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(status, HTTPStatus(status).phrase, headers, body)
