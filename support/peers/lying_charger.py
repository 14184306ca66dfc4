"""Nodes that break one promise of a charger by itself: who it is, what it tells of its board, what it tells its board."""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG001, ARG002

import asyncio
import os
import secrets
import signal
import time
from dataclasses import replace

from support.peers.lie import lies
from support.peers.protocol import Line
from support.peers.reference.node import station, status
from support.peers.reference.node.arguments import Options
from support.peers.reference.node.board import Board, BoardState
from support.peers.reference.node.configuration import Configuration
from support.peers.reference.node.interfaces import Interface
from support.peers.reference.node.node import Node
from support.peers.reference.node.serial import SerialError, SerialLine
from support.peers.reference.node.service import Service
from support.peers.reference.node.settings import SettingError
from support.peers.reference.node.sockets import Sockets
from support.peers.reference.node.station import Held, Station, Wanted
from support.peers.reference.node.status import Fields, Target
from support.peers.reference.node.store import StateFolder

LONG = 30.0
"""Seconds: longer than anybody waits."""

# --- who it is


@lies("It lists itself twice.")
class ListsItselfTwice(Node):
    def list(self) -> list[Fields]:
        return [self._own_entry(), *super().list()]


@lies("It lists itself as offline.", over=status.own_entry)
def own_entry_offline(known_id: str, hostname: str, address: tuple[str, int]) -> Fields:
    return status.own_entry(known_id, hostname, address) | {"online": False}


@lies("It does not tell its own version in its list.", over=status.own_entry)
def own_entry_incomplete(known_id: str, hostname: str, address: tuple[str, int]) -> Fields:
    told = status.own_entry(known_id, hostname, address)
    return {name: value for name, value in told.items() if name != "version"}


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
    def shown(self, hostname: str) -> dict[str, object]:
        return super().shown(hostname)

    def _restore(self) -> None:
        super()._restore()
        if any("colour" in word for word in os.sys.argv):
            raise SettingError("colour is no setting")


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


def _honest(board: BoardState, told: tuple[str, str, Target, int, str, bool]) -> Fields:
    known_id, hostname, target, priority, role, asleep = told
    return status.own_status(known_id, hostname, board, target, priority, role, asleep)
