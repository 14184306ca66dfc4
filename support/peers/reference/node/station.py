"""Brings the power board to what load sharing allots: a pilot current, or sleep. Nobody else's sleep is ended."""

import asyncio
import math
from dataclasses import dataclass
from enum import Enum

from support.peers.protocol import Line, State
from support.peers.reference.node.board import Board, BoardState
from support.peers.reference.node.log import LOG, why
from support.peers.reference.node.serial import SerialError
from support.peers.reference.node.store import STATION, StateFolder, StoreError

ROUNDING = 1e-6
"""Amperes that a sum of floating-point numbers may be too low by."""


class Free(Enum):
    """What there is instead of a current."""

    ALONE = "alone"
    """Load sharing has not told anything yet: the board stays as it is."""
    RELEASED = "released"
    """There is no load sharing: the board gets back what was taken from it."""


Wanted = float | Free


@dataclass(frozen=True)
class Held:
    """What load sharing has done to the board; kept over a restart. `asleep`: put to sleep; `limited`: given a pilot current."""

    asleep: bool = False
    limited: bool = False


def whole_amperes(wanted: float, board: BoardState) -> int:
    """What the pilot shall be, in A; 0 for sleep: less than the minimum is nothing."""
    amperes = min(math.floor(wanted + ROUNDING), board.max_current)
    return amperes if amperes >= board.min_current else 0


def next_command(wanted: Wanted, board: BoardState, held: Held, refused: int | None = None) -> Line | None:
    """The next step from where the board is to where it shall be; None if it is there, or must be left alone.

    `refused`: a current that the board has answered with another one; it is not asked for again.
    """
    if wanted is Free.ALONE or not board.connected:
        return None
    if isinstance(wanted, Free):
        amperes = board.max_current if held.limited else 0
        if held.limited and board.pilot != amperes and refused != amperes:
            return Line("SC", (str(amperes), "V"))
        return Line("FE") if held.asleep and board.asleep else None
    amperes = whole_amperes(wanted, board)
    if amperes == 0:
        # A faulty one draws nothing; once the fault is over it is put to sleep.
        rests = board.state in (State.ASLEEP, State.DISABLED) or State.DIODE_CHECK_FAILED <= board.state <= State.OVER_CURRENT
        return None if rests else Line("FS")
    if board.pilot != amperes and refused != amperes:
        return Line("SC", (str(amperes), "V"))
    return Line("FE") if held.asleep and board.asleep else None


class Station:
    """The board under load sharing's command."""

    def __init__(self, board: Board, folder: StateFolder) -> None:
        self.board = board
        self.wanted: Wanted = Free.ALONE
        self.held = Held()
        self._folder = folder
        self._stir = asyncio.Event()
        self._refused: int | None = None
        self._putting_to_sleep = False
        self._restore()

    @property
    def asleep_by_sharing(self) -> bool:
        """Whether the board sleeps only because load sharing gave it nothing."""
        return self.held.asleep and self.board.state.asleep

    def want(self, wanted: Wanted) -> None:
        """What it shall have from now on."""
        if wanted != self.wanted:
            self.wanted = wanted
            self._refused = None
            self._stir.set()

    def look(self) -> None:
        """The board has changed; it may have to be brought back."""
        board = self.board.state
        if board.pilot == self._refused:
            self._refused = None
        if board.connected and self.held.asleep and not board.asleep and not self._putting_to_sleep:
            # Somebody else woke or disabled it: the sleep that comes next is not ours any more.
            self._hold(Held(False, self.held.limited))
        self._stir.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._stir.wait()
            self._stir.clear()
            try:
                while (line := next_command(self.wanted, self.board.state, self.held, self._refused)) is not None:
                    await self._do(line)
            except SerialError as error:
                # The board's own round tells when it answers again; then look() is called.
                LOG.warning("board_not_told", why=why(error))

    async def _do(self, line: Line) -> None:
        if line.verb == "FS":
            reply = await self._sleep(line)
        else:
            reply = await self.board.tell(line)
        if line.verb == "SC":
            self._hold(Held(self.held.asleep, self.wanted is not Free.RELEASED))
            asked = int(line.words[0])
            if reply is None or not reply.words or reply.words[0] != str(asked):
                self._refused = asked
        LOG.info("board_told", command=line.text, reply=reply.text if reply else None, wanted=str(self.wanted))
        if reply is None and line.verb != "SC":
            raise SerialError(f"the board refuses {line.text}")
        await self.board.refresh()

    async def _sleep(self, line: Line) -> Line | None:
        """It is remembered before it is done: a node that dies in between would leave a board asleep for ever."""
        self._putting_to_sleep = True
        self._hold(Held(True, self.held.limited))
        try:
            reply = await self.board.tell(line)
        finally:
            self._putting_to_sleep = False
        if reply is None:
            self._hold(Held(False, self.held.limited))
        return reply

    def _hold(self, held: Held) -> None:
        if held != self.held:
            self.held = held
            try:
                self._folder.write(STATION, {"asleep": held.asleep, "limited": held.limited})
            except StoreError as error:
                LOG.error("station_not_kept", why=why(error))

    def _restore(self) -> None:
        try:
            kept = self._folder.read(STATION)
        except ValueError as error:
            LOG.error("station_file_corrupt", why=str(error), kept_as=self._folder.keep_aside(STATION))
            return
        if isinstance(kept, dict):
            self.held = Held(kept.get("asleep") is True, kept.get("limited") is True)
