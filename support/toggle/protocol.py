"""The toggle's frames: bytes to messages and back. No socket, no clock, no randomness.

A frame is `F0 0D`, the version `01`, the payload's length as an unsigned big-endian 32-bit number, and the
payload: a UTF-8 JSON object `{"opcode": "toggle", "device_id": str, "msg_id": str, "state": bool}`.
Source: the wire contract of the TCP toggle.
"""

import json
import math
import struct
from dataclasses import dataclass
from typing import Literal, NoReturn, TypeAlias

MAGIC = b"\xf0\x0d"
VERSION = 1
HEADER = struct.Struct(">2sBI")
HEADER_SIZE = HEADER.size
OPCODE = "toggle"
ACK = b"ACK"
MAX_PAYLOAD = 1 << 20
"""Bytes. A frame that declares a longer payload is refused before any of it is read."""
MAX_REPLY = 65_536
"""Bytes that a hub reads of a reply at most."""

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
Reason: TypeAlias = Literal["magic", "version", "too_long", "truncated", "json", "schema"]


class MalformedFrameError(ValueError):
    """These bytes are no frame. `reason` is one of the contract's words, `seen` every byte fed so far."""

    def __init__(self, reason: Reason, detail: str, seen: bytes) -> None:
        self.reason: Reason = reason
        self.detail = detail
        self.seen = seen
        shown = seen[:32].hex(" ") + (" ..." if len(seen) > 32 else "")
        size = f"{len(seen)} bytes: {shown or 'none'}"
        super().__init__(f"promised a well-formed frame, seen {reason}: {detail} ({size})")


@dataclass(frozen=True)
class Toggle:
    """Switch `device_id` on (`state` True) or off: the state to reach, not a flip."""

    device_id: str
    msg_id: str
    state: bool


@dataclass(frozen=True)
class Frame:
    """A frame as it was read. `payload` keeps the order of its keys, and keys beyond the contract's four."""

    magic: bytes
    version: int
    length: int
    payload: dict[str, Json]
    raw: bytes
    message: Toggle

    @property
    def payload_bytes(self) -> bytes:
        """The payload exactly as it stood on the wire."""
        return self.raw[HEADER_SIZE:]

    @property
    def keys(self) -> tuple[str, ...]:
        """The payload's keys in the order of the wire."""
        return tuple(self.payload)


def payload_text(message: Toggle) -> str:
    """The payload as agreed: separators `", "` and `": "`, non-ASCII escaped, keys in the contract's order.

    TypeError for a field of another type; ValueError for text that is not Unicode (a lone surrogate).
    """
    if not isinstance(message.device_id, str) or not isinstance(message.msg_id, str):
        raise TypeError(f"device_id and msg_id are texts, not {message.device_id!r} and {message.msg_id!r}")
    if not isinstance(message.state, bool):
        raise TypeError(f"state is True or False, not {message.state!r}")
    named = {"device_id": message.device_id, "msg_id": message.msg_id}
    for name, text in named.items():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"{name} is not valid Unicode text: {text!a:.80}") from error
    return json.dumps({"opcode": OPCODE, **named, "state": message.state})


def encode(message: Toggle) -> bytes:
    """The frame that carries `message`. Raises as `payload_text`; ValueError also above `MAX_PAYLOAD`."""
    payload = payload_text(message).encode()
    if len(payload) > MAX_PAYLOAD:
        raise ValueError(f"the payload takes {len(payload)} bytes, more than the {MAX_PAYLOAD} of a frame")
    return HEADER.pack(MAGIC, VERSION, len(payload)) + payload


class FrameReader:
    """Reads the one frame of a connection from pieces of any size.

    `feed` until it returns the frame or raises; `eof` when the other side has closed. What comes after the
    frame is kept in `rest`. A byte that cannot belong to a frame is reported as soon as it is there, so that the
    split never changes the reason. Once raised, the error is raised again whatever follows.
    """

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self._seen = bytearray()
        self._error: MalformedFrameError | None = None

    @property
    def rest(self) -> bytes:
        """The bytes after the frame; empty before there is one."""
        return b"" if self.frame is None else bytes(self._seen[len(self.frame.raw) :])

    def feed(self, data: bytes) -> Frame | None:
        """Take the next bytes. The frame when these bytes complete it, else None. MalformedFrameError."""
        if self._error is not None:
            raise self._error
        self._seen += data
        if self.frame is not None:
            return None
        length = self._judge_header()
        if length is None or len(self._seen) < HEADER_SIZE + length:
            return None
        self.frame = self._parse(bytes(self._seen[: HEADER_SIZE + length]))
        return self.frame

    def eof(self) -> Frame | None:
        """The other side has closed: the frame that was read.

        MalformedFrameError `truncated` where there is none, also when no byte came at all.
        """
        if self._error is not None:
            raise self._error
        if self.frame is None:
            where = "inside the header" if len(self._seen) < HEADER_SIZE else "inside the payload"
            self._refuse("truncated", f"closed {where}")
        return self.frame

    def _judge_header(self) -> int | None:
        """The declared length once the header is complete."""
        seen = self._seen
        if not MAGIC.startswith(bytes(seen[:2])):
            self._refuse("magic", f"starts with {seen[:2].hex(' ')}, not {MAGIC.hex(' ')}")
        if len(seen) > 2 and seen[2] != VERSION:
            self._refuse("version", f"version {seen[2]}, not {VERSION}")
        if len(seen) < HEADER_SIZE:
            return None
        length = int(HEADER.unpack_from(seen)[2])
        if length > MAX_PAYLOAD:
            self._refuse("too_long", f"declares {length} bytes, more than {MAX_PAYLOAD}")
        return length

    def _parse(self, raw: bytes) -> Frame:
        try:
            payload = _loads(raw[HEADER_SIZE:])
        except (ValueError, RecursionError) as error:
            self._refuse("json", f"the payload is not JSON: {error}")
        if not isinstance(payload, dict):
            self._refuse("schema", "the payload is not an object")
        opcode, device_id = payload.get("opcode"), payload.get("device_id")
        msg_id, state = payload.get("msg_id"), payload.get("state")
        if opcode != OPCODE:
            self._refuse("schema", f'opcode is not "{OPCODE}"')
        if not isinstance(device_id, str):
            self._refuse("schema", "device_id is not a string")
        if not isinstance(msg_id, str):
            self._refuse("schema", "msg_id is not a string")
        if not isinstance(state, bool):
            self._refuse("schema", "state is not a boolean")
        return Frame(MAGIC, VERSION, len(raw) - HEADER_SIZE, payload, raw, Toggle(device_id, msg_id, state))

    def _refuse(self, reason: Reason, detail: str) -> NoReturn:
        self._error = MalformedFrameError(reason, detail, bytes(self._seen))
        # The cause, where there is one, says nothing that the detail does not say.
        raise self._error from None


def decode(raw: bytes) -> Frame:
    """The frame at the start of `raw`, which is all that a connection carried. MalformedFrameError."""
    reader = FrameReader()
    frame = reader.feed(raw) or reader.eof()
    assert frame is not None, "eof raises without a frame"
    return frame


def _loads(payload: bytes) -> Json:
    """Strict JSON.

    ValueError also for what Python's parser lets pass: NaN and Infinity, numbers beyond a double, a key that
    occurs twice in an object, and text that is not Unicode. RecursionError for nesting too deep for Python.
    """
    value: Json = json.loads(payload.decode(), object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite)
    # Escapes can smuggle in lone surrogates, which nobody downstream could write to a file.
    json.dumps(value, ensure_ascii=False).encode()
    return value


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice in an object")
    return found


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text:.40} is too large")
    return number
