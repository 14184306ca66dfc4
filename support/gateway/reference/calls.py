"""Calls: each runs once, whoever asks for it and however often, and is answered once to each who asked.

A call goes on when its connection is lost; its answer is stored for whoever comes back.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine

from support.gateway.protocol import Code
from support.gateway.reference.answers import CallFailed, CallOk, Encoder, Output, Progress, error_of
from support.gateway.reference.capacity import RETRY_AFTER_S, Capacity
from support.gateway.reference.client import Client
from support.gateway.reference.errors import CallError, OverCapacityError
from support.gateway.reference.log import GatewayLog
from support.gateway.reference.metrics import GatewayMetrics
from support.gateway.reference.repeats import Key, Repeats
from support.gateway.reference.requests import Request
from support.gateway.reference.session import Session, Sessions
from support.gateway.reference.tools import InstantTool, Toolbox

OP = "call_tool_res"
MOST_WAITING = 1000
"""Requests that wait for one call at most: a joined one takes no capacity, but memory."""


class Call:
    """A call in flight. `waiting`: who asked for it, once for each request; all get the same frame."""

    __slots__ = ("began", "end_hooks", "key", "request_id", "session", "settled", "task", "tool", "waiting")

    def __init__(self, client: Client, session: Session, request_id: str, key: Key, tool: str) -> None:
        self.waiting = [client]
        self.session = session
        self.request_id = request_id
        self.key = key
        self.tool = tool
        self.began = time.perf_counter()
        self.settled = False
        self.task: asyncio.Task[str] | None = None
        self.end_hooks: list[Callable[[], None]] = []

    def at_end(self, hook: Callable[[], None]) -> None:
        """Call `hook` when the call is answered or cancelled, whether or not its tool ever got to run."""
        self.end_hooks.append(hook)


class Calls:
    """Begins, joins, cancels and answers calls."""

    def __init__(
        self,
        toolbox: Toolbox,
        capacity: Capacity,
        repeats: Repeats,
        sessions: Sessions,
        metrics: GatewayMetrics,
        encoder: Encoder,
        log: GatewayLog,
    ) -> None:
        self.toolbox = toolbox
        self.capacity = capacity
        self.repeats = repeats
        self.sessions = sessions
        self.metrics = metrics
        self.encoder = encoder
        self.log = log
        self.stopping = False
        """Whether the gateway is about to end: no call begins any more."""
        self._running: set[Call] = set()
        self._idle: asyncio.Event = asyncio.Event()
        self._idle.set()

    # --- a call comes in

    def take(self, client: Client, session: Session, request: Request) -> None:
        """Answer the call, now or later."""
        key = self.repeats.key(session, request.request_id)
        call = self.repeats.running(key)
        if call is not None:
            self.join(client, call)
            return
        stored = self.repeats.stored(key)
        if stored is not None:
            self.metrics.repeated("cached")
            client.send(OP, stored)
            return
        try:
            tool = self.toolbox.find(request.name)
            tool.schema.check(request.arguments)
            if self.stopping:
                raise OverCapacityError("the gateway is about to end", RETRY_AFTER_S)
            self.capacity.check(session)
            if isinstance(tool, InstantTool):
                self.answer_at_once(client, session, request, key, tool)
                return
            call = Call(client, session, request.request_id, key, tool.name)
            work = tool.start(request.arguments, call, self)
        except CallError as error:
            self.refuse(client, session, request, error)
            return
        self.run(call, work)

    def join(self, client: Client, call: Call) -> None:
        """A request is a repeat of a call in flight."""
        if len(call.waiting) >= MOST_WAITING:
            error = OverCapacityError(f"{MOST_WAITING} requests wait for this call", RETRY_AFTER_S)
            client.say(OP, CallFailed(call.request_id, error_of(error)))
            return
        self.metrics.repeated("joined")
        call.waiting.append(client)

    def known(self, session: Session, request_id: str) -> bool:
        """Whether a request of this id is a repeat."""
        key = self.repeats.key(session, request_id)
        return self.repeats.running(key) is not None or self.repeats.stored(key) is not None

    def refuse(self, client: Client, session: Session, request: Request, error: CallError) -> None:
        """The call does not run."""
        tool = self.toolbox.label(request.name)
        self.metrics.called(tool, error.code.lower())
        if self.log.debugging:
            self.log.debug(
                "call_refused", session_id=session.name, request_id=request.request_id, tool=tool, code=error.code.value
            )
        client.say(OP, self.failed(request.request_id, error))

    # --- a call runs

    def answer_at_once(self, client: Client, session: Session, request: Request, key: Key, tool: InstantTool) -> None:
        """Run a tool that takes no time worth mentioning, without a task of its own."""
        began = time.perf_counter()
        try:
            result: str | CallError = tool.answer(request.arguments)
        except CallError as error:
            result = error
        seconds = time.perf_counter() - began
        frame = self.finish(session, request.request_id, key, tool.name, result, seconds)
        client.send(OP, frame)

    def run(self, call: Call, work: Coroutine[object, object, str]) -> None:
        """The call is in flight from now until `settle`."""
        self.capacity.take(call.session)
        self.repeats.begin(call)
        self._running.add(call)
        self._idle.clear()
        call.task = asyncio.get_running_loop().create_task(work)
        call.task.add_done_callback(lambda task: self.ended(call, task))

    def ended(self, call: Call, task: "asyncio.Task[str]") -> None:
        """The tool is through with the call."""
        if task.cancelled():
            result: str | CallError = CallError(Code.CANCELLED, "the call was cancelled")
        elif isinstance(error := task.exception(), CallError):
            result = error
        elif error is not None:
            self.log.crashed("tool_crashed", error, tool=call.tool, session_id=call.session.name)
            result = CallError(Code.TOOL_EXECUTION_ERROR, "the tool failed for a reason of its own")
        else:
            result = task.result()
        self.settle(call, result)

    def settle(self, call: Call, result: str | CallError) -> None:
        """The first result of a call is its answer; it leaves the capacity and the repeats, and all who wait are told."""
        if call.settled:
            return
        call.settled = True
        for hook in call.end_hooks:
            hook()
        seconds = time.perf_counter() - call.began
        self.capacity.free(call.session)
        self.repeats.end(call)
        frame = self.finish(call.session, call.request_id, call.key, call.tool, result, seconds)
        for client in call.waiting:
            client.send(OP, frame)
        if not call.session.connections:
            self.sessions.rest(call.session)
        self._running.discard(call)
        if not self._running:
            self._idle.set()

    def finish(self, session: Session, request_id: str, key: Key, tool: str, result: str | CallError, seconds: float) -> bytes:
        """Count the call that ran, and store its answer if it is ok; the answer's frame."""
        self.metrics.observe(tool, seconds)
        session.ran(seconds)
        if isinstance(result, str):
            self.metrics.called(tool, "ok")
            frame = self.encoder.encode(CallOk(request_id, (Output(result),), seconds * 1000))
            self.repeats.store(key, frame)
        else:
            self.metrics.called(tool, result.code.lower())
            frame = self.encoder.encode(self.failed(request_id, result))
        if self.log.debugging:
            code = result.code.value if isinstance(result, CallError) else None
            self.log.debug("call_answered", session_id=session.name, request_id=request_id, tool=tool, code=code)
        return frame

    def failed(self, request_id: str, error: CallError) -> CallFailed:
        """The answer that says what went wrong."""
        return CallFailed(request_id, error_of(error))

    def progress(self, call: Call, step: int, steps: int) -> None:
        """Tell all connections that wait for the call how far it has got."""
        frame = self.encoder.encode(Progress(call.request_id, step, steps))
        for client in dict.fromkeys(call.waiting):
            client.send("progress", frame)

    # --- a call is cancelled

    def cancel(self, session: Session, target: str) -> bool:
        """Cancel the session's call of this request id; whether it was in flight."""
        call = self.repeats.running(self.repeats.key(session, target))
        if call is None:
            return False
        self.abort(call)
        return True

    def abort(self, call: Call) -> None:
        """Answer the call as cancelled and make its tool stop."""
        self.settle(call, CallError(Code.CANCELLED, "the call was cancelled"))
        if call.task is not None:
            call.task.cancel()

    # --- the end

    async def idle(self) -> None:
        """Wait until no call is in flight."""
        await self._idle.wait()

    def abort_all(self) -> None:
        """Cancel what is in flight."""
        for call in list(self._running):
            self.abort(call)

    def abort_orphans(self) -> None:
        """Cancel calls in flight that nobody is connected to wait for."""
        for call in list(self._running):
            if not any(client.link.is_open for client in call.waiting):
                self.abort(call)
