"""The record of one connection through a proxy: what was planted, what came of it, what went through."""

import asyncio
import time
from dataclasses import dataclass
from typing import Literal

from support.kit.fault import PASS, Fault
from support.kit.wire import WireLog

Direction = Literal["up", "down"]
"""up: client to server."""


@dataclass(frozen=True)
class Passage:
    """One connection, as it was when asked for.

    number: from 1. fault: the last one planted on it; healing does not take it off the record. bytes_up,
    bytes_down: forwarded in full. opened_at, closed_at: seconds of time.monotonic(). injected: every part of
    `fault` really took effect (bytes were delayed, swallowed, flipped, a limit was reached), or it was cut.
    """

    number: int
    fault: Fault
    bytes_up: int
    bytes_down: int
    opened_at: float
    closed_at: float | None
    injected: bool


class Record:
    """The growing record behind a `Passage`. Belongs to the loop's thread."""

    def __init__(self, number: int, fault: Fault, name: str, wire: WireLog | None) -> None:
        self.number = number
        self.now = fault
        self.resets = False
        self.hole_over = asyncio.Event()
        self._planted = fault
        self._effects: set[str] = set()
        self._injected = False
        self._forwarded: dict[Direction, int] = {"up": 0, "down": 0}
        self._opened_at = time.monotonic()
        self._closed_at: float | None = None
        self._name = name
        self._wire = wire
        self._change(fault)
        self.event(f"accepted: {fault}")

    def passage(self) -> Passage:
        return Passage(
            number=self.number,
            fault=self._planted,
            bytes_up=self._forwarded["up"],
            bytes_down=self._forwarded["down"],
            opened_at=self._opened_at,
            closed_at=self._closed_at,
            injected=self._injected,
        )

    def plant(self, fault: Fault) -> None:
        """Take over what can change while running. If it is a fault, whether it takes effect is judged anew."""
        changed = self.now.with_line_of(fault)
        if changed == self.now:
            return
        self.event(f"now: {changed}")
        if PASS.with_line_of(fault) != PASS:
            self._planted = PASS.with_line_of(fault)
            self._effects.clear()
            self._injected = False
        self._change(changed)

    def took(self, part: str) -> None:
        """A part of the fault took effect."""
        self._effects.add(part)
        planted = self._planted.parts()
        if planted and planted <= self._effects:
            self._injected = True

    def was_cut(self) -> None:
        self._injected = True
        self.event("cut")

    def forwarded(self, direction: Direction, data: bytes) -> None:
        self._forwarded[direction] += len(data)
        if self._wire is not None:
            source, destination = ("client", "server") if direction == "up" else ("server", "client")
            self._wire.frame(source, destination, data, connection=self.number, note=f"via {self._name}")

    def count(self, direction: Direction) -> int:
        return self._forwarded[direction]

    def closed(self) -> None:
        self._closed_at = time.monotonic()
        self.event("reset" if self.resets else "closed")

    def event(self, what: str) -> None:
        if self._wire is not None:
            self._wire.event(self._name, what, connection=self.number)

    def _change(self, fault: Fault) -> None:
        self.now = fault
        if fault.black_hole:
            self.hole_over.clear()
        else:
            self.hole_over.set()
