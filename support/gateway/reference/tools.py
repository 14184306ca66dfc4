"""The toolbox: what clients can call. An instant tool answers at once; a slow one takes its time in a task of its own."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import TYPE_CHECKING

from support.gateway.protocol import Code
from support.gateway.reference import __version__
from support.gateway.reference.answers import ToolEntry
from support.gateway.reference.errors import CallError
from support.gateway.reference.schema import Arguments, Schema, Text, Whole

if TYPE_CHECKING:
    from support.gateway.reference.calls import Call, Calls

LONGEST_SLEEP_MS = 60_000
MOST_STEPS = 10_000


class InstantTool(ABC):
    """A tool that takes no time worth mentioning."""

    name: str
    description: str
    schema = Schema()

    @abstractmethod
    def answer(self, arguments: Arguments) -> str:
        """The output's text for arguments that fit the schema. CallError."""


class SlowTool(ABC):
    """A tool that waits for something."""

    name: str
    description: str
    schema = Schema()

    @abstractmethod
    def start(self, arguments: Arguments, call: "Call", calls: "Calls") -> Coroutine[object, object, str]:
        """What gives the output's text for arguments that fit the schema. CallError, at once, for a call that cannot run.

        The coroutine may raise CallError for one that ran and failed. Cancelled before its first step it does not run at
        all: what must be given back is given back by `call.at_end`.
        """


Tool = InstantTool | SlowTool


class Status(InstantTool):
    """`status`: whether the gateway is well."""

    name = "status"
    description = "Tells whether the gateway is up, and how busy it is."

    def __init__(self, connections: Callable[[], int], in_flight: Callable[[], int]) -> None:
        self.connections = connections
        self.in_flight = in_flight

    def answer(self, arguments: Arguments) -> str:  # noqa: ARG002
        """A sentence."""
        return f"gateway {__version__} is up; connections: {self.connections()}, calls in flight: {self.in_flight()}"


class Echo(InstantTool):
    """`echo {text}`: the text, as it is."""

    name = "echo"
    description = "Gives the text back."
    schema = Schema({"text": Text("what to give back")})

    def answer(self, arguments: Arguments) -> str:
        """The text."""
        return str(arguments["text"])


class Fail(InstantTool):
    """`fail {message}`: a failure."""

    name = "fail"
    description = "Fails with the message."
    schema = Schema({"message": Text("what the failure says")})

    def answer(self, arguments: Arguments) -> str:
        """CallError, always."""
        raise CallError(Code.TOOL_EXECUTION_ERROR, str(arguments["message"]))


class Sleep(SlowTool):
    """`sleep {ms}`: an answer after a while."""

    name = "sleep"
    description = "Answers after a while."
    schema = Schema({"ms": Whole("how long to wait, in milliseconds", 0, LONGEST_SLEEP_MS)})

    def start(self, arguments: Arguments, call: "Call", calls: "Calls") -> Coroutine[object, object, str]:  # noqa: ARG002
        """The coroutine that waits."""
        return self.sleep(whole(arguments, "ms"))

    async def sleep(self, ms: int) -> str:
        """Wait; how long it took."""
        began = time.monotonic()
        await asyncio.sleep(ms / 1000)
        return f"slept {(time.monotonic() - began) * 1000:.1f} ms"


class ProgressTool(SlowTool):
    """`progress {steps, ms}`: an answer after steps that are told one by one."""

    name = "progress"
    description = "Takes steps, tells of each, and answers after the last."
    schema = Schema(
        {
            "steps": Whole("how many steps to take", 1, MOST_STEPS),
            "ms": Whole("how long to wait before each, in milliseconds", 0, LONGEST_SLEEP_MS),
        }
    )

    def start(self, arguments: Arguments, call: "Call", calls: "Calls") -> Coroutine[object, object, str]:
        """The coroutine that takes the steps."""
        return self.walk(whole(arguments, "steps"), whole(arguments, "ms"), call, calls)

    async def walk(self, steps: int, ms: int, call: "Call", calls: "Calls") -> str:
        """Take the steps; how many."""
        for step in self.numbers(steps):
            await asyncio.sleep(ms / 1000)
            calls.progress(call, step, steps)
        return f"took {steps} steps"

    def numbers(self, steps: int) -> Iterable[int]:
        """The numbers of the steps, in the order in which they are told."""
        return range(1, steps + 1)


class Toolbox:
    """The tools by name."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self.entries: Sequence[ToolEntry] = [
            ToolEntry(tool.name, tool.description, tool.schema.json_schema()) for tool in self._tools.values()
        ]
        """The list that clients get."""

    def find(self, name: str) -> Tool:
        """The tool of this name. CallError."""
        tool = self._tools.get(name)
        if tool is None:
            raise CallError(Code.TOOL_NOT_FOUND, "there is no tool of this name", {"known": list(self._tools)})
        return tool

    def label(self, name: str) -> str:
        """The tool as it is counted: a client's own words are no label."""
        return name if name in self._tools else "unknown"


def whole(arguments: Arguments, name: str) -> int:
    """The whole number that the schema has let through."""
    value = arguments[name]
    if not isinstance(value, int | float):
        raise TypeError(f"{name} was not validated")
    return int(value)
