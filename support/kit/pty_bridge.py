"""A pseudo terminal whose other side is a TCP connection, so that a program with a serial line can talk to a device on a network.

The suite sits in between: it reads along, asks questions of its own, and makes the line fail. Lines end in CR.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from support.kit.errors import InfrastructureError, VoidError
from support.kit.line_record import CR, LineRecord, Said, Traffic, bare, lines
from support.kit.loop import LoopThread
from support.kit.pty_end import PtyEnd
from support.kit.turns import Question, To, Turns
from support.kit.wire import WireLog

__all__ = ["NoAnswerError", "PtyBridge", "Said", "Traffic"]

T = TypeVar("T")

LIMIT = 5.0
"""Seconds for anything the bridge is told to do, questions apart."""
UNANSWERED = 2.0
"""Seconds after which a question of the program counts as unanswered, and the suite may ask."""
SETTLED = 0.1
"""Seconds without another answer, after which none is late."""
RECONNECT = 0.1
"""Seconds between two attempts to reach the device."""


class NoAnswerError(InfrastructureError):
    """The device did not answer the suite."""


class PtyBridge:
    """While it is entered, a program can open `path`, and talks to `target` (host, port).

    Runs on `loop`; is told what to do from any other thread. `is_reply` says of a line from the device (without its end) whether
    it answers a question; every line of the program is a question, and answers come in the order of the questions. What is no
    answer goes to the program and to `events`. `near` and `far` are what the program and the device are called in `wire`.
    After `unanswered` seconds a question of the program does not keep the suite from asking any more.

    A connection that is lost is made again and again; meanwhile what the program says is lost, as with a plug that was pulled.
    Leaving it closes everything, and raises InfrastructureError where something went wrong inside. RuntimeError when it is told
    something while it is not entered.
    """

    def __init__(
        self,
        loop: LoopThread,
        target: tuple[str, int],
        name: str,
        wire: WireLog | None = None,
        *,
        is_reply: Callable[[bytes], bool],
        near: str = "program",
        far: str = "device",
        unanswered: float = UNANSWERED,
    ) -> None:
        self._thread, self._target, self._name = loop, target, name
        self._is_reply, self._limit = is_reply, unanswered
        self._end = PtyEnd()
        self.path = self._end.path
        """The same all the time; nothing is there before the bridge is entered, and while the line is cut."""
        self._record = LineRecord(name, wire, near, far)
        self._errors: list[BaseException] = []
        self._silent = self._entered = False
        self._writer: asyncio.StreamWriter | None = None
        self._reached = asyncio.Event()
        self._connecting: asyncio.Task[None] | None = None
        self._rest = b""
        self._turns = Turns(self._send)
        self._answers: dict[Question, asyncio.Future[bytes]] = {}
        self._timers: dict[Question, asyncio.TimerHandle] = {}

    @property
    def connected(self) -> bool:
        """Whether the device is reached, as far as we know."""
        return self._reached.is_set()

    @property
    def is_cut(self) -> bool:
        return not self._end.is_open

    @property
    def said(self) -> tuple[Said, ...]:
        """Lines that the program has said."""
        return self._as_of_now(lambda: tuple(self._record.said))

    @property
    def events(self) -> tuple[Said, ...]:
        """Lines that the device has said without being asked."""
        return self._as_of_now(lambda: tuple(self._record.events))

    @property
    def traffic(self) -> Traffic:
        """What has passed and what was lost so far."""
        return self._as_of_now(self._record.traffic)

    def wait_connected(self, within: float) -> None:
        """Until the device is reached. NoAnswerError when it is not within as many seconds."""
        self._do(self._wait_connected(within), within + LIMIT)

    def trace_to(self, wire: WireLog) -> None:
        """From now on what passes is written there."""
        self._record.wire = wire

    def trace_no_more(self) -> None:
        """From now on what passes is written nowhere; nothing is being written when this returns."""
        self._do(self._forget_wire())

    def redirect(self, target: tuple[str, int]) -> None:
        """The device is somewhere else from now on: a container that was started again has other ports."""
        self._do(self._redirect(target))

    def ask(self, line: bytes, within: float) -> bytes:
        """The suite's own question and its answer, both without their ends. Also while the line to the program is cut or silent.

        Waits for the connection and for its turn. NoAnswerError when the answer is not here within as many seconds, or when the
        connection is lost meanwhile.
        """
        return self._do(self._ask(line, within), within + LIMIT)

    def cut(self) -> bool:
        """The line dies: the program reads its end and cannot write; opening it again fails. Whether a program had it open."""
        return self._do(self._cut())

    def restore(self) -> None:
        """There is a line under the same path again; the program must open it anew."""
        self._do(self._restore())

    def silence(self) -> None:
        """From now on nothing passes between program and device, and nobody is told."""
        self._do(self._be_silent(True))

    def heal(self) -> None:
        """From now on lines pass again; what was swallowed stays lost."""
        self._do(self._be_silent(False))

    def inject(self, raw: bytes) -> None:
        """Bytes towards the program that no device has said. VoidError when they cannot reach it."""
        self._do(self._inject(raw))

    def __enter__(self) -> Self:
        if self._entered:
            raise RuntimeError(f"the bridge {self._name} was entered before")
        self._entered = True
        try:
            self._thread.call(self._begin(), LIMIT)
        except BaseException:
            self._end.remove()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._do(self._leave())
        if self._errors:
            told = "; ".join(f"{type(error).__name__}: {error}" for error in self._errors)
            raise InfrastructureError(f"bridge {self._name}: {told}") from self._errors[0]

    def _as_of_now(self, look: Callable[[], T]) -> T:
        """Looked at on the loop: what a program or a device has received by now is in it."""

        async def on_loop() -> T:
            return look()

        return look() if self._connecting is None else self._thread.call(on_loop(), LIMIT)

    def _do(self, what: Coroutine[Any, Any, T], within: float = LIMIT) -> T:
        if self._connecting is None:
            what.close()
            raise RuntimeError(f"the bridge {self._name} is not entered")
        return self._thread.call(what, within)

    # Everything below runs on the loop's thread.

    async def _begin(self) -> None:
        self._open_end()
        self._connecting = asyncio.get_running_loop().create_task(self._keep_connected())

    async def _leave(self) -> None:
        with contextlib.ExitStack() as closing:
            closing.callback(self._end.remove)
            if self._end.is_open:
                asyncio.get_running_loop().remove_reader(self._end.master)
            await self._stop_connecting()
            self._connecting = None

    async def _stop_connecting(self) -> None:
        assert self._connecting is not None, "only while the bridge is entered"
        self._connecting.cancel()
        await asyncio.wait({self._connecting}, timeout=LIMIT / 2)
        if not self._connecting.done():
            self._errors.append(InfrastructureError("the connection does not end"))
        elif not self._connecting.cancelled() and (error := self._connecting.exception()) is not None:
            self._errors.append(error)

    async def _forget_wire(self) -> None:
        self._record.wire = None

    async def _redirect(self, target: tuple[str, int]) -> None:
        await self._stop_connecting()
        self._target = target
        self._connecting = asyncio.get_running_loop().create_task(self._keep_connected())

    async def _wait_connected(self, within: float) -> None:
        try:
            async with asyncio.timeout(within):
                await self._reached.wait()
        except TimeoutError as error:
            host, port = self._target
            text = f"{self._record.far} is not reached at {host}:{port} within {within:g} s"
            raise NoAnswerError(f"bridge {self._name}: {text}") from error

    async def _cut(self) -> bool:
        if not self._end.is_open:
            return False
        asyncio.get_running_loop().remove_reader(self._end.master)
        in_use = self._end.close()
        self._rest = b""
        self._record.count("cuts", int(in_use))
        self._record.note("cut" if in_use else "cut, though nobody had it open")
        return in_use

    async def _restore(self) -> None:
        if not self._end.is_open:
            self._open_end()

    async def _be_silent(self, silent: bool) -> None:
        self._silent = silent
        self._record.note("silent from now on" if silent else "passes lines from now on")

    async def _inject(self, raw: bytes) -> None:
        taken = self._end.write(raw) if self._end.is_open and not self._silent else 0
        self._record.frame(self._record.far, self._record.near, raw[:taken], "injected")
        if taken < len(raw):
            raise VoidError(f"bridge {self._name}: of {len(raw)} bytes to inject {taken} got onto the line")
        self._record.count("injected")

    def _open_end(self) -> None:
        self._end.open()
        asyncio.get_running_loop().add_reader(self._end.master, self._guarded, self._read_program)
        self._record.note("the line is there")

    def _guarded(self, action: Callable[[], None]) -> None:
        """For callbacks of the loop: nobody would see what they raise. After that the program is not heard any more."""
        try:
            action()
        except Exception as error:  # noqa: BLE001 - told on leaving
            self._errors.append(error)
            if self._end.is_open:
                asyncio.get_running_loop().remove_reader(self._end.master)

    def _later(self, seconds: float, question: Question, what: Callable[[Question], None]) -> None:
        def call() -> None:
            del self._timers[question]
            self._guarded(lambda: what(question))

        self._stop_timer(question)
        self._timers[question] = asyncio.get_running_loop().call_later(seconds, call)

    def _stop_timer(self, question: Question) -> None:
        if (timer := self._timers.pop(question, None)) is not None:
            timer.cancel()

    # From the program

    def _read_program(self) -> None:
        whole, self._rest = lines(self._rest + self._end.read())
        for line in whole:
            if self._silent:
                self._record.up(line, lost="swallowed_up")
            elif self._writer is None:
                self._record.up(line, lost="nobody")
            else:
                self._turns.ask(Question(line, of_suite=False))

    def _expire(self, question: Question) -> None:
        self._record.count("unanswered")
        self._record.note(f"unanswered for {self._limit:g} s: {bare(question.line)!r}")
        self._turns.give_up(question)

    # To the device

    def _send(self, question: Question) -> None:
        assert self._writer is not None, "with the connection all questions are forgotten"
        self._writer.write(question.line)
        if question.of_suite:
            self._record.count("asked")
            self._record.frame("suite", self._record.far, question.line)
        else:
            self._record.up(question.line)
            self._later(self._limit, question, self._expire)

    async def _ask(self, line: bytes, within: float) -> bytes:
        question = Question(line.removesuffix(CR) + CR, of_suite=True)
        try:
            async with asyncio.timeout(within):
                await self._reached.wait()
                self._answers[question] = asyncio.get_running_loop().create_future()
                self._turns.ask(question)
                return await self._answers[question]
        except TimeoutError as error:
            text = f"{self._record.far} has not answered {bare(line)!r} within {within:g} s"
            raise NoAnswerError(f"bridge {self._name}: {text}") from error
        finally:
            self._answers.pop(question, None)
            self._stop_timer(question)
            # Sent and not answered: a late answer would be taken for another's. On a new connection there is none.
            if self._turns.give_up(question):
                self._drop()

    # The connection

    async def _keep_connected(self) -> None:
        while True:
            await self._be_connected()
            await asyncio.sleep(RECONNECT)

    async def _be_connected(self) -> None:
        """One connection, from being made to being lost."""
        host, port = self._target
        try:
            async with asyncio.timeout(LIMIT / 2):
                reader, writer = await asyncio.open_connection(host, port)
        except OSError:  # refused, or not in time: tried again
            return
        self._writer = writer
        self._record.count("connections")
        self._record.note(f"connected to {host}:{port}")
        self._reached.set()
        try:
            rest = b""
            # A reset is an end like others. What a dropped connection still holds is not for us.
            with contextlib.suppress(ConnectionError):
                while (data := await reader.read(4096)) and self._writer is writer:
                    whole, rest = lines(rest + data)
                    for line in whole:
                        self._device_says(line)
        finally:
            if self._writer is writer:
                self._drop()

    def _drop(self) -> None:
        """The connection is over; what was asked over it will not be answered."""
        if self._writer is None:
            return
        writer, self._writer = self._writer, None
        writer.close()
        self._reached.clear()
        for question in self._turns.forget():
            self._stop_timer(question)
            answer = self._answers.get(question)
            if answer is not None and not answer.done():
                answer.set_exception(NoAnswerError(f"bridge {self._name}: the connection to {self._record.far} was lost"))
            elif not question.sent:
                self._record.up(question.line, lost="nobody")
        self._record.note("the connection is lost")

    # From the device

    def _device_says(self, line: bytes) -> None:
        if not self._is_reply(bare(line)):
            self._record.event(line, passed=self._pass_on(line))
            return
        verdict = self._turns.answered(line)
        if verdict.question is not None:
            self._stop_timer(verdict.question)
        if verdict.late is not None:
            self._pass_on(verdict.late)
        if verdict.to is To.PROGRAM or verdict.question is None:
            self._pass_on(line)
        elif verdict.to is To.SUITE:
            self._answer(verdict.question, line)
        else:
            self._later(SETTLED, verdict.question, self._settle)
        self._turns.proceed()

    def _settle(self, question: Question) -> None:
        if (line := self._turns.settle(question)) is not None:
            self._answer(question, line)
            self._turns.proceed()

    def _answer(self, question: Question, line: bytes) -> None:
        self._record.frame(self._record.far, "suite", line)
        answer = self._answers.get(question)
        if answer is not None and not answer.done():
            answer.set_result(bare(line))

    def _pass_on(self, line: bytes) -> bool:
        if self._silent or not self._end.is_open:
            lost = "swallowed_down"
        else:
            lost = "" if self._end.write(line) == len(line) else "overrun"
        self._record.down(line, lost)
        return not lost
