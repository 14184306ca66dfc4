"""The power board as the node knows it: asked for its state again and again, over a line that may die and come back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from support.peers.protocol import OK, Line, State
from support.peers.reference.node.log import LOG, why
from support.peers.reference.node.serial import SerialError, SerialLine

REOPEN_AFTER = 0.5
"""Seconds between two attempts to open a line."""
METER_EVERY = 5
"""Questions for the state between two for the meter."""
WAITING = frozenset({State.CONNECTED, State.CHARGING, State.VENTILATION})
"""Pilot states in which there is a vehicle."""


@dataclass(frozen=True)
class BoardState:
    """What the board told last. Currents in A, `voltage` in V, energy in Wh; `pilot_state` is what the vehicle shows."""

    connected: bool = False
    state: int = 0
    pilot_state: int = 0
    amp: float = 0.0
    voltage: float = 0.0
    pilot: int = 0
    min_current: int = 6
    max_current: int = 32
    wh: float = 0.0
    firmware: str = ""

    @property
    def vehicle(self) -> bool:
        """Whether a vehicle is connected."""
        return self.pilot_state in WAITING or (self.state in WAITING and self.pilot_state == 0)

    @property
    def asleep(self) -> bool:
        """Whether it sleeps; somebody may wake it."""
        return self.state == State.ASLEEP


class Board:
    """The board at the line of this name; none at an empty one. `on_change` is called whenever `state` is another."""

    def __init__(self, path: str, interval: float, on_change: Callable[[], None]) -> None:
        self.state = BoardState()
        self.path = path
        self._interval = interval
        self._on_change = on_change
        self._line: SerialLine | None = None
        self._stir = asyncio.Event()
        self._turn = asyncio.Lock()
        """A command between two questions would make a state of before out of one half and one of after out of the other."""
        self._rounds = 0
        self._met = False
        self._firmware = ""
        self._complained = ""

    async def run(self) -> None:
        """Ask until cancelled."""
        if not self.path:
            return
        try:
            while True:
                await self._round()
        finally:
            if self._line is not None:
                self._line.close()

    def stir(self) -> None:
        """Ask for the state now, not only when it is time."""
        self._stir.set()

    async def tell(self, line: Line) -> Line | None:
        """The board's reply to a command; None if it refuses. SerialError."""
        async with self._turn:
            return await self._ask(line)

    async def refresh(self) -> None:
        """Ask for the state; `state` is fresh when this returns. SerialError."""
        async with self._turn:
            state, _, pilot_state, *_ = await self._numbers("GS", "hdh")
            milliamps, millivolts, *_ = await self._numbers("GG", "dd")
            least, hardware, pilot, most, *_ = await self._numbers("GC", "dddd")
            self._become(
                replace(
                    self.state,
                    connected=True,
                    state=state,
                    pilot_state=pilot_state,
                    amp=max(0, milliamps) / 1000,
                    voltage=max(0, millivolts) / 1000,
                    pilot=pilot,
                    min_current=least,
                    max_current=min(hardware, most),
                )
            )

    async def _round(self) -> None:
        """Ask once, or try to open the line, then wait until it is time again."""
        self._stir.clear()
        try:
            if self._line is None or not self._line.is_open:
                self._line = SerialLine(self.path, self._event, self._ended)
                self._rounds, self._met = 0, False
            if not self._met:
                await self._meet(self._line)
                self._met = True
            await self.refresh()
            if self._rounds % METER_EVERY == 0:
                await self._meter()
            self._rounds += 1
            self._complained = ""
        except SerialError as error:
            self._lost(error)
        open_now = self._line is not None and self._line.is_open
        await _either(self._stir, self._interval if open_now else REOPEN_AFTER)

    async def _meet(self, line: SerialLine) -> None:
        """Ask for the version, which looks like nothing else: once it is there, nothing is under way to a node of before."""
        async with self._turn:
            question = Line("GV")
            reply = await line.ask(question, lambda one: bool(one.words) and "." in one.words[0])
            if reply.verb != OK:
                # The rest of a command that was broken off may have stood before ours.
                reply = await line.ask(question)
            self._firmware = reply.words[0] if reply.verb == OK and reply.words else ""

    async def _meter(self) -> None:
        async with self._turn:
            energy, *_ = await self._numbers("GU", "d")
        self._become(replace(self.state, wh=float(energy), firmware=self._firmware))

    async def _ask(self, line: Line) -> Line | None:
        if self._line is None:
            raise SerialError("there is no line to the board")
        reply = await self._line.ask(line)
        if reply.verb != OK:
            LOG.warning("board_refused", command=line.text)
            return None
        return reply

    async def _numbers(self, verb: str, kinds: str) -> list[int]:
        """The first numbers of the reply: d decimal, h hexadecimal. SerialError if it is not of this form."""
        reply = await self._ask(Line(verb))
        words = reply.words if reply else ()
        try:
            return [int(word, 16 if kind == "h" else 10) for word, kind in zip(words[: len(kinds)], kinds, strict=True)]
        except ValueError as error:
            if self._line is not None:
                self._line.distrust()
            raise SerialError(f"{' '.join(words)!r} is no answer to ${verb}") from error

    def _event(self, line: Line) -> None:
        """`$AT` at a change of state, `$AB` at a boot. It tells nothing of the current: all is asked for, so that all fits."""
        if line.verb == "AB":
            LOG.info("board_booted", firmware=line.words[-1] if line.words else "")
        self.stir()

    def _ended(self) -> None:
        self._lost(SerialError("the line is gone"))

    def _lost(self, error: SerialError) -> None:
        told = why(error)
        if told != self._complained:
            LOG.warning("board_silent", path=self.path, why=told)
            self._complained = told
        # What a board that cannot be asked draws is not known; that it was charging is no longer told.
        self._become(BoardState(min_current=self.state.min_current, max_current=self.state.max_current))

    def _become(self, state: BoardState) -> None:
        if state != self.state:
            if state.connected and not self.state.connected:
                LOG.info("board_connected", path=self.path)
            self.state = state
            self._on_change()


async def _either(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, at most for this long."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
