"""The board's own guard over the node: while load sharing is on, a board that the node does not speak to falls back by itself.

Without it a vehicle would go on drawing what the node allowed last, however long the node is dead, or cut off from its board.
"""

import asyncio
import math
from dataclasses import dataclass

from support.peers.protocol import Line
from support.peers.reference.node.board import Board
from support.peers.reference.node.log import LOG, why
from support.peers.reference.node.serial import SerialError

BEATS = 4
"""Heartbeats in the time after which the board falls back."""


@dataclass(frozen=True)
class Terms:
    """After `seconds` of silence no more than `amperes`."""

    seconds: int
    amperes: int


def terms_for(timeout: float, current: float, least: int) -> Terms:
    """From seconds and amperes of any size: a board knows whole ones, and no current below its `least`."""
    return Terms(max(1, math.ceil(timeout)), max(least, math.floor(current)))


class Guard:
    """Keeps the board's guard as it is wanted."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._wanted: tuple[float, float] | None = None
        self._stir = asyncio.Event()

    def want(self, timeout: float, current: float) -> None:
        """After `timeout` seconds of silence the board shall allow no more than `current` amperes."""
        self._set((timeout, current))

    def dismiss(self) -> None:
        """The board shall not mind the node's silence."""
        self._set(None)

    def look(self) -> None:
        """The board has come back, or may have."""
        self._stir.set()

    async def run(self) -> None:
        """Keep it until cancelled."""
        while True:
            self._stir.clear()
            pause: float | None = None
            if self._board.state.connected:
                try:
                    pause = await self._beat()
                except SerialError as error:
                    LOG.debug("board_not_guarded", why=why(error))
            try:
                async with asyncio.timeout(pause):
                    await self._stir.wait()
            except TimeoutError:
                continue

    async def _beat(self) -> float | None:
        """Seconds until the next one; None: not before look() is called. SerialError."""
        if self._wanted is None:
            told = await self._board.tell(Line("SY"))
            if told is not None and told.words and told.words[0] != "0":
                await self._board.tell(Line("SY", ("0", "0")))
            return None
        terms = terms_for(*self._wanted, self._board.state.min_current)
        reply = await self._board.tell(Line("SY", (str(terms.seconds), str(terms.amperes))))
        # A board that knows no guard is not asked again and again.
        return None if reply is None else terms.seconds / BEATS

    def _set(self, wanted: tuple[float, float] | None) -> None:
        if wanted != self._wanted:
            self._wanted = wanted
            self._stir.set()
