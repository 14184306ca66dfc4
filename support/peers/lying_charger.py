"""Nodes that break one promise of a charger by itself: who it is, what it tells of its board, what it tells its board."""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG002

import asyncio
import secrets
import select
import signal
import time
from collections.abc import Sequence

from support.peers.lie import lies
from support.peers.protocol import CR, Line
from support.peers.reference.node.arguments import Options
from support.peers.reference.node.board import Board, BoardState
from support.peers.reference.node.configuration import Configuration
from support.peers.reference.node.interfaces import Interface
from support.peers.reference.node.node import Node
from support.peers.reference.node.serial import SerialLine
from support.peers.reference.node.service import Service
from support.peers.reference.node.settings import SettingError
from support.peers.reference.node.sockets import Sockets, _Socket
from support.peers.reference.node.station import Held, Wanted, next_command, whole_amperes
from support.peers.reference.node.status import Fields, own_entry
from support.peers.reference.node.store import StateFolder

LONG = 30.0
"""Seconds: longer than anybody waits."""

# --- who it is


@lies("It lists itself twice.")
class ListsItselfTwice(Node):
    def list(self) -> list[Fields]:
        return [self._own_entry(), *super().list()]


@lies("It lists itself as offline.", over=own_entry)
def own_entry_offline(known_id: str, hostname: str, address: tuple[str, int]) -> Fields:
    return own_entry(known_id, hostname, address) | {"online": False}


@lies("It has another id after a restart.")
class IdChangesAtRestart(StateFolder):
    def device_id(self) -> str:
        return secrets.token_hex(6)


@lies("It has the same id as all others.")
class SameIdForAll(StateFolder):
    def device_id(self) -> str:
        return "0123456789ab"


@lies("It calls itself as all others do, where nobody has given it a name.")
class SameNameForAll(Node):
    def __init__(
        self, options: Options, folder: StateFolder, configuration: Configuration, known_id: str, interface: Interface, port: int
    ) -> None:
        super().__init__(options, folder, configuration, known_id, interface, port)
        self._named(self.hostname)

    def _named(self, hostname: str) -> None:
        super()._named("openevse" if hostname.startswith("openevse-") else hostname)


@lies("It does not start with settings that it does not know.")
class UnknownSettingEndsIt(Configuration):
    def __init__(
        self, folder: StateFolder, default_hostname: str, given: Sequence[tuple[str, str]], shortest_heartbeat: float
    ) -> None:
        super().__init__(folder, default_hostname, given, shortest_heartbeat)
        for key, _ in given:
            if key not in self.shown(self.hostname):
                raise SettingError(f"{key} is no setting")


@lies("It does not end when it is told to.")
class SigtermIgnored(Service):
    def _signalled(self, number: signal.Signals) -> None:
        return None


@lies("It takes its time to start.")
class ReadyLate(Service):
    async def run(self) -> None:
        await asyncio.sleep(3.0)
        await super().run()


# --- what it tells of its board


@lies("It tells the current in milliamperes.")
class MilliampsForAmps(Node):
    def status(self) -> Fields:
        return super().status() | {"amp": self.board.state.amp * 1000}


@lies("It tells the pilot in milliamperes.")
class PilotInMilliamps(Node):
    def status(self) -> Fields:
        return super().status() | {"pilot": self.board.state.pilot * 1000}


@lies("It tells of a vehicle for ever once there was one.")
class VehicleNeverGoes(Node):
    vehicle = 0

    def status(self) -> Fields:
        self.vehicle = max(self.vehicle, int(self.board.state.vehicle))
        return super().status() | {"vehicle": self.vehicle}


@lies("It does not tell of a vehicle that waits at a board that sleeps.")
class WaitingVehicleNotTold(Node):
    def status(self) -> Fields:
        return super().status() | ({"vehicle": 0} if self.board.state.asleep else {})


@lies("It tells those who listen how it is at first, and never again.")
class ChangesNeverTold(Sockets):
    def changed(self) -> None:
        self._told = self._status()


@lies("It tells those who listen only of changes, never the whole.")
class WholeNeverTold(_Socket):
    begun = False

    def tell(self, changes: Fields) -> None:
        if self.begun:
            super().tell(changes)
        self.begun = True


@lies("It does not answer those who ask whether it is there.")
class NoPong(Sockets):
    def _answer(self, text: str, remote: str) -> Fields | None:
        told = super()._answer(text, remote)
        return None if told and "pong" in told else told


# --- what it tells its board


@lies("It takes nothing for the least that a vehicle can use.", over=whole_amperes)
def nothing_is_the_least(wanted: float, board: BoardState) -> int:
    return whole_amperes(wanted, board) or board.min_current


@lies("It leaves out the checksum of what it tells its board.", over=next_command)
def board_told_without_checksum(wanted: Wanted, board: BoardState, held: Held, refused: int | None = None) -> Line | None:
    line = next_command(wanted, board, held, refused)
    return _Bare(line.verb, line.words) if line else None


class _Bare(Line):
    def written(self) -> bytes:
        return self.text.encode("ascii") + CR


# --- a serial line that fails


@lies("It answers nobody while its serial line is cut.")
class SerialDeathBlocksIt(Board):
    def _ended(self) -> None:
        time.sleep(LONG)


@lies("It does nothing else while it waits for an answer of its board.")
class SilentBoardBlocksIt(SerialLine):
    def _write(self, raw: bytes) -> None:
        super()._write(raw)
        select.select([self._file], [], [], LONG)


@lies("It does not open a serial line again that was cut.")
class SerialLineNeverOpenedAgain(Board):
    async def _round(self) -> None:
        if self._line is not None and not self._line.is_open:
            await asyncio.sleep(LONG)
        await super()._round()
