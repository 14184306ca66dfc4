"""First frames of a client: proper hellos, improper ones, and what else somebody may open with."""

import json
from collections.abc import Callable

from support.gateway.frames import Call, written

PROPER = "a proper hello"
_SESSION = "a hello with a session "


def hello(token: str, session: str | None = None) -> Call:
    """A proper hello; `session` where the client names one."""
    fields = {"op": "hello", "token": token} | ({} if session is None else {"session_id": session})
    return Call("hello", None, written(fields))


def opening(phrase: str, token: str) -> Call:
    """The first frame that `phrase` describes, made from the right token. ValueError for an unknown phrase."""
    if phrase.startswith(_SESSION):
        return _named(phrase.removeprefix(_SESSION), token)
    if phrase.startswith("a hello of ") and phrase.endswith(" bytes"):
        return _padded(token, int(phrase.removeprefix("a hello of ").removesuffix(" bytes").replace(",", "")))
    if phrase not in OPENINGS:
        raise ValueError(f"no first frame is known as {phrase!r}")
    op, text = OPENINGS[phrase](token)
    return Call(op, None, text)


def _hello_with(token: object) -> tuple[str, str]:
    return "hello", written({"op": "hello", "token": token})


def _padded(token: str, size: int) -> Call:
    empty = written({"op": "hello", "token": token, "note": ""})
    text = written({"op": "hello", "token": token, "note": "x" * (size - len(empty.encode()))})
    return Call("hello", None, text)


def _named(phrase: str, token: str) -> Call:
    fields = {"op": "hello", "token": token, "session_id": _NAMES[phrase]}
    return Call("hello", None, written(fields))


_NAMES: dict[str, object] = {
    "of 2 letters": "ab",
    "of 65 letters": "n" * 65,
    "that has a dot in it": "night.shift",
    "that has a space in it": "night shift",
    "that has an umlaut": "spätschicht",
    "of no letters": "",
    "that ends in a line's end": "night\n",
    "that is a number": 12345,
}


def _other_case(token: str) -> str:
    """The token with capitals for small letters and the other way round; one that has no letters ends in another sign."""
    swapped = token.swapcase()
    return swapped if swapped != token else token[:-1] + ("y" if token.endswith("x") else "x")


OPENINGS: dict[str, Callable[[str], tuple[str, str]]] = {
    PROPER: _hello_with,
    "a hello with a wrong token": lambda _: _hello_with("a-token-that-nobody-has-agreed-to"),
    "a hello without a token": lambda _: ("hello", written({"op": "hello"})),
    "a hello with an empty token": lambda _: _hello_with(""),
    "a hello with a number for a token": lambda _: _hello_with(1234567890123456),
    "a hello with the token less its last letter": lambda token: _hello_with(token[:-1]),
    "a hello with the token and one more letter": lambda token: _hello_with(f"{token}x"),
    "a hello with the token in other letters' case": lambda token: _hello_with(_other_case(token)),
    "words that are no frame": lambda _: ("invalid", "hello, may I come in?"),
    "an empty frame": lambda _: ("invalid", ""),
    "half a hello": lambda token: ("invalid", _hello_with(token)[1][:-1]),
    "a list around a proper hello": lambda token: ("invalid", f"[{_hello_with(token)[1]}]"),
    "the token alone": lambda token: ("invalid", json.dumps(token)),
    "a ping that carries the token": lambda token: ("ping", written({"op": "ping", "request_id": "r-1", "token": token})),
    "a tool call that carries the token": lambda token: (
        "call_tool",
        written({"op": "call_tool", "request_id": "r-1", "name": "status", "arguments": {}, "token": token}),
    ),
    "a hello of another dialect with the token": lambda token: (
        "invalid",
        written({"type": "hello", "method": "initialize", "jsonrpc": "2.0", "id": 1, "params": {"token": token}, "token": token}),
    ),
    "a hello in capitals with the token": lambda token: ("HELLO", written({"op": "HELLO", "token": token})),
    "a frame that says nothing but the token": lambda token: ("invalid", written({"token": token})),
}
