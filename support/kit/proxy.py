"""A TCP proxy in front of any server, whose link can be made to fail: see `Fault` for how."""

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Coroutine, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from support.kit.errors import InfrastructureError
from support.kit.fault import PASS, Fault
from support.kit.loop import LoopThread
from support.kit.passage import Passage, Record
from support.kit.relay import Relay
from support.kit.wire import WireLog

__all__ = ["PASS", "Fault", "Passage", "Proxy"]

T = TypeVar("T")

LIMIT = 5.0
"""Seconds for anything the proxy is told to do."""


class Proxy:
    """Listens on 127.0.0.1 while it is entered, and forwards to `target` (host, port; IPv4) as its fault says.

    Listens on `port`, or where the system chooses (0). Runs on `loop`; is told what to do from any other thread. Jitter is
    drawn from `seed`, the connection's number and the direction. Leaving it closes everything, and raises
    InfrastructureError where something went wrong inside or would not close. RuntimeError when it is told something while it
    is not entered.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        loop: LoopThread,
        target: tuple[str, int],
        *,
        name: str = "link",
        wire: WireLog | None = None,
        seed: int | None = None,
        port: int = 0,
    ) -> None:
        self._thread = loop
        self._target = target
        self._name = name
        self._wire = wire
        self._seed = seed
        self._address = target
        self._wished_port = port
        self._port: int | None = None
        self._socket: socket.socket | None = None
        self._default = PASS
        self._script: deque[Fault] = deque()
        self._relays: list[Relay] = []
        self._running: dict[asyncio.Task[None], Relay] = {}
        self._errors: list[BaseException] = []

    @property
    def port(self) -> int:
        """The same from entering on, also while nobody listens on it."""
        if self._port is None:
            raise RuntimeError(f"the proxy {self._name} was never entered")
        return self._port

    @property
    def connections(self) -> tuple[Passage, ...]:
        """Every connection that was accepted, in order, as it is now."""
        if self._socket is None:
            return self._passages()
        # Asked for on the loop: what a client has received by now is in the count.
        return self._do(self._passages_on_loop())

    def injected(self) -> int:
        """On how many connections a fault took effect. A refusal is none: the kernel refuses and tells nobody."""
        return sum(passage.injected for passage in self.connections)

    def use(self, fault: Fault) -> None:
        """From now on `fault`. Running connections get its latency, jitter, bandwidth and black hole, too."""
        self._do(self._use(fault))

    def script(self, faults: Sequence[Fault]) -> None:
        """The next connections get one of `faults` each, in order; those after them what use() said.

        ValueError for a refusal: a refused client never reaches the proxy, so that it cannot count.
        """
        if any(fault.refuse for fault in faults):
            raise ValueError("a refusal cannot be scripted, nobody can count it: use(Fault(refuse=True)), heal()")
        self._do(self._set_script(faults))

    def cut(self) -> int:
        """Close all running connections, and return how many there were."""
        return self._do(self._cut())

    def heal(self) -> None:
        """Nothing is wrong from now on; the rest of the script is dropped."""
        self._do(self._heal())

    def __enter__(self) -> Self:
        if self._port is not None:
            raise RuntimeError(f"the proxy {self._name} was entered before")
        host, port = socket.getaddrinfo(*self._target, socket.AF_INET, socket.SOCK_STREAM)[0][4][:2]
        self._address = (str(host), int(port))
        self._thread.call(self._hold_port(listening=True), LIMIT)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._do(self._leave())
        left = [relay.record.number for relay in self._relays if relay.is_open]
        if left:
            self._errors.append(InfrastructureError(f"still open: {left}"))
        if self._errors:
            told = "; ".join(f"{type(error).__name__}: {error}" for error in self._errors)
            raise InfrastructureError(f"proxy {self._name}: {told}") from self._errors[0]

    def _do(self, what: Coroutine[Any, Any, T]) -> T:
        if self._socket is None:
            what.close()
            raise RuntimeError(f"the proxy {self._name} is not entered")
        return self._thread.call(what, LIMIT)

    def _passages(self) -> tuple[Passage, ...]:
        return tuple(relay.record.passage() for relay in self._relays)

    # Everything below runs on the loop's thread.

    async def _passages_on_loop(self) -> tuple[Passage, ...]:
        return self._passages()

    async def _use(self, fault: Fault) -> None:
        if fault.refuse != self._default.refuse:
            await self._hold_port(listening=not fault.refuse)
        self._default = fault
        for relay in self._running.values():
            relay.record.plant(fault)

    async def _heal(self) -> None:
        self._script.clear()
        await self._use(PASS)

    async def _set_script(self, faults: Sequence[Fault]) -> None:
        self._script = deque(faults)

    async def _hold_port(self, *, listening: bool) -> None:
        """Swap the socket on the port for one that listens, or for one that does not: then clients are refused.

        The new socket is there before the old one goes, so that the port is never free for others. SO_REUSEPORT
        lets the two share it, and keeps out everybody but programs of the same user that ask for it, too.
        """
        fresh = socket.socket()
        with contextlib.ExitStack() as undo:
            undo.callback(fresh.close)
            fresh.setblocking(False)
            fresh.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            fresh.bind((self.host, self._port or self._wished_port))
            if listening:
                fresh.listen(128)
                asyncio.get_running_loop().add_reader(fresh, self._accept, fresh)
            undo.pop_all()
        self._let_go()
        self._socket = fresh
        self._port = fresh.getsockname()[1]
        if self._wire is not None:
            self._wire.event(self._name, f"{'listens' if listening else 'refuses'} on port {self._port}")

    def _let_go(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def _accept(self, listener: socket.socket) -> None:
        try:
            client, _ = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return  # went again before we came
        except OSError as error:  # no more files, no more memory: trying again at once would only spin
            self._errors.append(error)
            asyncio.get_running_loop().remove_reader(listener)
            return
        client.setblocking(False)
        fault = self._script.popleft() if self._script else self._default
        record = Record(len(self._relays) + 1, fault, self._name, self._wire)
        relay = Relay(record, client, self._address, self._seed)
        self._relays.append(relay)
        task = asyncio.get_running_loop().create_task(relay.run())
        self._running[task] = relay
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._errors.append(error)

    async def _cut(self) -> int:
        running = dict(self._running)
        for task, relay in running.items():
            relay.record.was_cut()
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=LIMIT / 2)
        return len(running)

    async def _leave(self) -> None:
        self._let_go()
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(set(self._running), timeout=LIMIT / 2)
