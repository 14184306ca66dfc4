"""A charger: a node, and its board behind a serial line where the scenario has one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.kit.deadline import eventually
from support.kit.errors import PromiseBrokenError
from support.kit.pty_bridge import PtyBridge
from support.peers.board import Board
from support.peers.entries import Entry, is_somebody_elses, members, others, read
from support.peers.node import Node
from support.peers.rest import Answer, Rest, in_path

if TYPE_CHECKING:
    from support.peers.docked import DockedNode

LIST = "/loadsharing/peers"
LOOKS_APART = 0.03


@dataclass
class Charger:
    """`hostname`: the name it was given. ports: of all chargers of the scenario. id: as it tells it itself, once it was asked."""

    hostname: str
    reached: "Node | DockedNode"
    bridge: PtyBridge | None
    board: Board | None
    ports: set[int]
    id: str = ""

    @property
    def host(self) -> str:
        """How others are told to reach it."""
        return self.reached.host

    @property
    def rest(self) -> Rest:
        """Its HTTP side."""
        return self.reached.rest

    @property
    def node(self) -> Node:
        """Its node, where that is a program on this machine."""
        assert isinstance(self.reached, Node), "scenarios on private networks have other words"
        return self.reached

    @property
    def station(self) -> Board:
        """Its board."""
        assert self.board is not None, "only scenarios with boards ask"
        return self.board

    @property
    def line(self) -> PtyBridge:
        """The serial line to its board."""
        assert self.bridge is not None, "only chargers in containers have none"
        return self.bridge

    # What it is asked

    def entries(self, within: float = 5.0) -> list[Entry]:
        """Its list of peers, without the chargers of other runs on this machine."""
        every = map(read, self.rest.peers(within))
        return [entry for entry in every if not is_somebody_elses(entry, self.ports)]

    def own_entry(self) -> Entry:
        """Its own entry. PromiseBrokenError where there is none, or more than one."""
        entries = self.entries()
        local = [one for one in entries if one.local]
        if len(local) != 1:
            raise PromiseBrokenError(f"{self.hostname} lists itself once", f"{len(local)} local entries of {len(entries)}")
        return local[0]

    def learn_id(self) -> str:
        """Its id, as it tells it itself. PromiseBrokenError where it has none."""
        if not self.id:
            own = self.own_entry()
            if not own.id:
                raise PromiseBrokenError(f"the charger {self.hostname} tells its id", str(own))
            self.id = own.id
        return self.id

    def add(self, host: object, *, reciprocal: bool = False) -> Answer:
        """Ask it to add a host."""
        return self.rest.post(LIST, {"host": host, "reciprocal": reciprocal})

    def remove(self, host: str) -> Answer:
        """Ask it to remove a host, which is told as it stands in a path."""
        return self.rest.delete(f"{LIST}/{in_path(host)}")

    def look_around(self) -> Answer:
        """Ask it to look for others."""
        return self.rest.post("/loadsharing/discover")

    def status(self) -> dict[str, object]:
        """What it tells of itself and its board."""
        return self.rest.object_at("/status")

    def number(self, key: str) -> float:
        """A number of its status. PromiseBrokenError where there is none."""
        value = self.status().get(key)
        if isinstance(value, bool):
            return float(value)
        if not isinstance(value, int | float):
            raise PromiseBrokenError(f"the charger tells {key} as a number", repr(value))
        return float(value)

    # What is awaited

    def members(self) -> list[Entry]:
        """Who is in its group, without itself."""
        return members(self.entries())

    def others(self) -> list[Entry]:
        """Whom it lists, without itself."""
        return others(self.entries())

    def await_entries(self, accept: Callable[[list[Entry]], bool], within: float, promised: str) -> list[Entry]:
        """Its list, once it is as `accept` wants it. PromiseBrokenError after `within` seconds."""
        return eventually(
            self.entries, accept, within, f"{promised} within {within:g} s", interval=LOOKS_APART,
            describe=lambda entries: "; ".join(map(str, entries)),
        )  # fmt: skip
