"""The requests of a client, by the words of the feature files."""

import re
from collections.abc import Callable, Mapping
from itertools import count

from support.gateway.frames import Call, written
from support.gateway.texts import REQUEST_IDS
from support.gateway.tools import CONTRACT, Tool

UNKNOWN_TOOL = "no_such_tool"
INVALID = "invalid"
"""How a frame that is no request is counted."""
_SLOW = re.compile(r"the slow tool for ([\d.]+) s")


class Asker:
    """Makes requests for a gateway with these tools, each under a request id of its own unless it is told one."""

    def __init__(self, tools: Mapping[str, Tool]) -> None:
        self._tools = tools
        self._numbers = count(1)

    def new_id(self) -> str:
        """A request id that nobody has used yet."""
        return f"q-{next(self._numbers)}"

    def name(self, role: str) -> str:
        """What the gateway calls the tool."""
        return self._tool(role).name

    def plain(self, op: str, request_id: str | None = None, **more: object) -> Call:
        """A request that is no call: ping, list_tools, health, cancel."""
        used = self.new_id() if request_id is None else request_id
        return Call(op, used, written({"op": op, "request_id": used, **more}))

    def tool(self, name: str, arguments: object, request_id: str | None = None) -> Call:
        """A call of a tool by its name."""
        used = self.new_id() if request_id is None else request_id
        text = written({"op": "call_tool", "request_id": used, "name": name, "arguments": arguments})
        return Call("call_tool", used, text, tool=name)

    def call(self, role: str, request_id: str | None = None, **values: object) -> Call:
        """A call of the tool that plays `role`, with its arguments filled in."""
        tool = self._tool(role)
        return self.tool(tool.name, tool.call(**values), request_id)

    def fast(self, request_id: str | None = None) -> Call:
        return self.call("fast", request_id)

    def slow(self, seconds: float) -> Call:
        return self.call("slow", ms=round(seconds * 1000))

    def failing(self, request_id: str | None = None) -> Call:
        return self.call("failing", request_id, message="it was to fail")

    def echo(self, text: str, request_id: str | None = None) -> Call:
        return self.call("echo", request_id, text=text)

    def echo_in_frame_of(self, size: int) -> tuple[Call, str]:
        """A call of the echo whose frame has so many bytes, and the text that is to come back."""
        request_id = self.new_id()
        text = "x" * (size - len(self.echo("", request_id).text.encode()))
        return self.echo(text, request_id), text

    def lookup(self, key: str, request_id: str | None = None, provider: str | None = None) -> Call:
        return self.call("provider", request_id, key=key, provider=provider)

    def steps(self, steps: int, seconds: float) -> Call:
        return self.call("progress", steps=steps, ms=round(seconds * 1000))

    def cancel(self, target: str) -> Call:
        return self.plain("cancel", target=target)

    def request(self, phrase: str) -> Call:
        """`a ping`, `the fast tool`, ...: the request. ValueError for an unknown phrase."""
        made: dict[str, Callable[[], Call]] = {
            "a ping": lambda: self.plain("ping"),
            "the list of tools": lambda: self.plain("list_tools"),
            "the gateway's health": lambda: self.plain("health"),
            "the fast tool": self.fast,
            "the cancelling of a call that is not": lambda: self.cancel("no-such-call"),
            "a tool that is not": lambda: self.tool(UNKNOWN_TOOL, {}),
            "the fast tool by a name in capitals": lambda: self.tool(self.name("fast").swapcase(), {}),
            "the failing tool": self.failing,
            "the echo without its text": lambda: self.tool(self.name("echo"), {}),
            "the echo with a list for its text": lambda: self.call("echo", text=["lamp"]),
            'the slow tool for "soon"': lambda: self._slow_for("soon"),
        }
        if match := _SLOW.fullmatch(phrase):
            return self.slow(float(match[1]))
        if phrase not in made:
            raise ValueError(f"no request is known as {phrase!r}")
        return made[phrase]()

    def bad(self, phrase: str) -> Call:
        """A frame that is no proper request. ValueError for an unknown phrase."""
        made: dict[str, Callable[[], Call]] = {
            "words that are no frame": lambda: _text("ping me, please"),
            "an empty frame": lambda: _text(""),
            "half a request": lambda: _text(self.plain("ping").text[:-1]),
            "a list around a request": lambda: _text(f"[{self.plain('ping').text}]"),
            "a lone number": lambda: _text("42"),
            "lists in lists, 500 deep": lambda: _text("[" * 500 + "]" * 500),
            "a request without an operation": lambda: Call(INVALID, "b-1", written({"request_id": "b-1"})),
            "a request for an unknown operation": lambda: self.plain("make_coffee"),
            "a request without a request id": lambda: Call("ping", None, written({"op": "ping"})),
            "a request with an empty request id": lambda: Call("ping", "", written({"op": "ping", "request_id": ""})),
            "a request id of 129 letters": lambda: self.plain("ping", "i" * 129),
            "a request with a number for its id": lambda: Call("ping", None, written({"op": "ping", "request_id": 7})),
        }
        if phrase not in made:
            raise ValueError(f"no bad request is known as {phrase!r}")
        return made[phrase]()

    def incomplete(self, phrase: str) -> Call:
        """A call that lacks something. ValueError for an unknown phrase."""
        name, request_id = self.name("fast"), self.new_id()
        parts: dict[str, dict[str, object]] = {
            "no tool named": {"arguments": {}},
            "a number for the tool": {"name": 7, "arguments": {}},
            "a list for the arguments": {"name": name, "arguments": ["lamp"]},
        }
        if phrase not in parts:
            raise ValueError(f"no incomplete call is known as {phrase!r}")
        text = written({"op": "call_tool", "request_id": request_id, **parts[phrase]})
        return Call("call_tool", request_id, text, tool="")

    def _slow_for(self, value: object) -> Call:
        tool = self._tool("slow")
        return self.tool(tool.name, tool.call(ms=value, s=value))

    def _tool(self, role: str) -> Tool:
        return self._tools.get(role, CONTRACT[role])


def request_id(kind: str) -> str:
    """A request id at the edge of what is allowed. ValueError for an unknown kind."""
    if kind not in REQUEST_IDS:
        raise ValueError(f"no request id is known as {kind!r}")
    return REQUEST_IDS[kind]


def _text(text: str) -> Call:
    return Call(INVALID, None, text)
