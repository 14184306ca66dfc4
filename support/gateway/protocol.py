"""The wire of the tool gateway: names, codes and limits. The contract's words, and nothing that does anything.

Source: the gateway's contract. Text frames over WebSocket, one JSON object each; every answer carries `op` and the caller's
`request_id`.
"""

import re
from enum import IntEnum, StrEnum


class Close(IntEnum):
    """Close codes of the gateway: RFC 6455 section 7.4.1, and its own from 4000 on."""

    GOING_AWAY = 1001
    OVER_LIMIT = 1008
    TOO_BIG = 1009
    INVALID_HELLO = 4000
    MISSING_HELLO = 4001
    HELLO_TIMEOUT = 4002
    UNAUTHORIZED = 4003


class Code(StrEnum):
    """Codes of an answer that is not ok."""

    INVALID_REQUEST = "INVALID_REQUEST"
    VALIDATION_ERROR = "VALIDATION_ERROR"
    TOOL_NOT_FOUND = "TOOL_NOT_FOUND"
    TOOL_EXECUTION_ERROR = "TOOL_EXECUTION_ERROR"
    TIMEOUT = "TIMEOUT"
    OVER_CAPACITY = "OVER_CAPACITY"
    CIRCUIT_OPEN = "CIRCUIT_OPEN"
    CANCELLED = "CANCELLED"


class Breaker(StrEnum):
    """States of a circuit breaker, as the label `state` of the metrics spells them."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


ANSWER_OPS = {
    "hello": "hello_ack",
    "ping": "pong",
    "list_tools": "list_tools_res",
    "call_tool": "call_tool_res",
    "cancel": "cancel_res",
    "health": "health_res",
}
"""The `op` of the answer to each request; a bad request is answered with `error`."""

MIN_TOKEN = 16
"""Characters that a token has at least."""
MAX_REQUEST_ID = 128
"""Characters that a request id has at most; 1 at least."""
SESSION_ID = re.compile(r"[A-Za-z0-9_-]{3,64}", re.ASCII)
"""What a session id fully matches."""
MAX_FRAME = 32 * 1024 * 1024
"""Bytes of the longest frame that is read, unless settings say otherwise."""
