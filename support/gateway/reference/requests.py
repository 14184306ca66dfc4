"""From a frame to a request that makes sense."""

import contextlib
import json
from collections.abc import Mapping
from typing import TypeGuard

import msgspec

from support.gateway.protocol import ANSWER_OPS, MAX_REQUEST_ID
from support.gateway.reference.errors import BadRequestError

OPS = frozenset(ANSWER_OPS)


class Fields(msgspec.Struct, gc=False):
    """What a client's object may carry, of any type. Other fields are of no interest."""

    op: object = None
    request_id: object = None
    name: object = None
    arguments: object = msgspec.UNSET
    target: object = None
    token: object = None
    session_id: object = msgspec.UNSET


class Request(msgspec.Struct, gc=False):
    """A request: the fields are valid as far as its `op` uses them."""

    op: str
    request_id: str
    name: str = ""
    arguments: Mapping[str, object] = {}
    target: str = ""


class UnreadableError(Exception):
    """An object that is JSON by the grammar and yet cannot be taken in: lone surrogates, numbers beyond all bounds."""

    def __init__(self, op: str, request_id: object) -> None:
        self.op = op
        self.request_id = request_id
        super().__init__("the object holds a lone surrogate, or a number beyond all bounds")


_decoder = msgspec.json.Decoder(Fields)


def read_fields(frame: str | bytes) -> Fields:
    """The fields of the object in a text frame. UnreadableError, or ValueError whose text is for the client."""
    if isinstance(frame, bytes):
        raise ValueError("the frame is not a text frame")
    try:
        return _decoder.decode(frame)
    except msgspec.DecodeError as error:
        _check_unreadable(frame)
        raise ValueError(f"not a JSON object: {error}") from error
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error


def _check_unreadable(frame: str) -> None:
    """UnreadableError for an object after all."""
    with contextlib.suppress(ValueError, RecursionError):  # it is not JSON, as was thought
        found = json.loads(frame, parse_int=str, parse_float=str, parse_constant=_no_constant)
        if isinstance(found, dict):
            raise UnreadableError(op_label(found.get("op")), found.get("request_id"))


def _no_constant(text: str) -> object:
    raise ValueError(f"{text} is not JSON")


def op_label(op: object) -> str:
    """The op as it is counted."""
    return op if isinstance(op, str) and op in OPS else "invalid"


def valid_id(value: object) -> TypeGuard[str]:
    """Whether this is a request id."""
    return isinstance(value, str) and 1 <= len(value) <= MAX_REQUEST_ID


def _whole_text(text: str) -> bool:
    """Whether the text is without lone surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def read_request(frame: str | bytes) -> Request:
    """The request in a frame after hello. BadRequestError."""
    try:
        fields = read_fields(frame)
    except ValueError as error:
        raise BadRequestError(str(error)) from error
    except UnreadableError as error:
        known = error.request_id if valid_id(error.request_id) and _whole_text(error.request_id) else None
        raise BadRequestError(str(error), op=error.op, request_id=known) from error
    op, request_id = fields.op, fields.request_id
    if not valid_id(request_id):
        raise BadRequestError(f"request_id is not a text of 1 to {MAX_REQUEST_ID} characters", op=op_label(op))
    if op == "call_tool":
        return _call(fields, request_id)
    if op == "cancel":
        if not valid_id(fields.target):
            raise BadRequestError("target is not a request id", op="cancel", request_id=request_id)
        return Request("cancel", request_id, target=fields.target)
    if op == "hello":
        raise BadRequestError("hello has been said", op="hello", request_id=request_id)
    if not isinstance(op, str) or op not in OPS:
        raise BadRequestError("op is unknown", request_id=request_id)
    return Request(op, request_id)


def _call(fields: Fields, request_id: str) -> Request:
    name, arguments = fields.name, fields.arguments
    if not isinstance(name, str):
        raise BadRequestError("name is not a text", op="call_tool", request_id=request_id)
    if arguments is msgspec.UNSET:
        return Request("call_tool", request_id, name)
    if not isinstance(arguments, dict):
        raise BadRequestError("arguments are not an object", op="call_tool", request_id=request_id)
    return Request("call_tool", request_id, name, arguments)
