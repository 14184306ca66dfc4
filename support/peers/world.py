"""Everything that one scenario of the chargers remembers, and the one place where it is ended."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from support.kit.errors import PromiseBrokenError
from support.kit.evidence import Evidence
from support.kit.latency import Samples
from support.kit.loop import LoopThread, the_loop
from support.kit.slice import RunSettings
from support.kit.wire import WireLog
from support.peers.board import Board
from support.peers.charger import Charger
from support.peers.emulator import BoardProgram
from support.peers.lookout import Advertisement, Lookout
from support.peers.quiet_host import QuietHost
from support.peers.rest import Answer
from support.peers.target import ChargersTarget
from support.peers.voice import Voice
from support.peers.watch import Watch

if TYPE_CHECKING:
    from support.peers.config import Setting
    from support.peers.docked import DockedNode
    from support.peers.garage import Garage
    from support.peers.long_day import Day

SLACK = 2.0
"""Seconds on top of an agreed interval: a board is asked, a controller is told, a plan goes out, a relay closes."""
FINDING = 3.0
"""Seconds that a look for others takes at most, with the probing of a name before it (RFC 6762, section 8.1)."""


@dataclass
class PeersWorld:
    """One scenario's chargers and what they did."""

    target: ChargersTarget
    settings: RunSettings
    evidence: Evidence
    loop: LoopThread
    wire: WireLog
    resources: ExitStack
    chargers: list[Charger] = field(default_factory=list)
    ports: set[int] = field(default_factory=set)
    programs: list[BoardProgram] = field(default_factory=list)
    alone: Board | None = None
    speaking: int = 0
    told: list[str] = field(default_factory=list)
    said: list[bytes] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    voices: dict[str, Voice] = field(default_factory=dict)
    quiet: QuietHost | None = None
    found: Advertisement | None = None
    budget: float = 0.0
    secret: str = ""
    started_in: float = 0.0
    moment: float = 0.0
    known: dict[str, object] = field(default_factory=dict)
    comings_back: list[tuple[set[str], set[str], set[str]]] = field(default_factory=list)
    watching: Watch | None = None
    lookout: Lookout | None = None
    day: "Day | None" = None
    tried: "list[Setting]" = field(default_factory=list)
    garage: "Garage | None" = None

    @property
    def it(self) -> Charger:
        """The charger that was spoken of last."""
        return self.chargers[self.speaking]

    @property
    def board(self) -> Board:
        """The board that is spoken of: the one that is alone, or that of the charger spoken of last."""
        return self.alone if self.alone is not None else self.it.station

    @property
    def answer(self) -> Answer:
        """What was answered last."""
        return self.answers[-1]

    @property
    def host(self) -> QuietHost:
        """The host that does nothing but listen."""
        assert self.quiet is not None, "only scenarios that have one say this"
        return self.quiet

    @property
    def watch(self) -> Watch:
        """Who looks at all boards, from the first time on that somebody asks."""
        if self.watching is None:
            self.watching = Watch([charger.station for charger in self.chargers])
            self.resources.callback(self.watching.end)
        return self.watching

    @property
    def nodes(self) -> "list[DockedNode]":
        """The containers of chargers on a private network."""
        assert self.garage is not None, "only scenarios on private networks ask"
        return self.garage.nodes

    @property
    def cycle(self) -> float:
        """Seconds in which a controller has reacted, and the boards have followed."""
        return self.target.timings.allocation + SLACK

    @property
    def heartbeat(self) -> float:
        """Seconds of silence after which somebody counts as gone."""
        return self.target.timings.heartbeat

    @property
    def found_again(self) -> float:
        """Seconds in which a newcomer is found by nodes that look by themselves."""
        return self.target.timings.discovery + FINDING

    @property
    def noticed(self) -> float:
        """Seconds in which a silence has been noticed and answered."""
        return self.heartbeat + self.cycle

    def learn_ids(self) -> set[str]:
        """The ids of all chargers, as they tell them. PromiseBrokenError where two have the same one."""
        ids = [charger.learn_id() for charger in self.chargers]
        if len(set(ids)) != len(ids):
            raise PromiseBrokenError("no two chargers have the same id", ", ".join(ids))
        return set(ids)

    def by_id(self, identity: str) -> Charger | None:
        """The charger that calls itself so."""
        return next((charger for charger in self.chargers if charger.learn_id() == identity), None)

    def fall_short(self, promised: str, seen: str) -> None:
        """A bound that depends on the machine was missed: a warning, or PromiseBrokenError where timing is strict."""
        if self.settings.timing_strict:
            raise PromiseBrokenError(promised, seen)
        self.evidence.warn(f"{promised}: {seen}")

    def audit(self) -> None:
        """Raise where a node or a board has died."""
        for charger in self.chargers:
            if not charger.reached.ended_on_purpose:
                charger.reached.require_alive()
        for program in self.programs:
            program.require_alive()

    def close(self) -> None:
        """End everything, last in first out; every one is ended, whatever goes wrong with another."""
        self.resources.close()


def open_world(target: ChargersTarget, settings: RunSettings, evidence: Evidence, latency: Samples) -> PeersWorld:  # noqa: ARG001 (the latency report is another slice's)
    """A fresh world for one scenario."""
    return PeersWorld(
        target=target, settings=settings, evidence=evidence, loop=the_loop(), wire=evidence.open_wire(), resources=ExitStack()
    )
