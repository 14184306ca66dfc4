"""Chargers that are started ahead of the scenario that wants them. Only of a target that says that two of it may run at once.

They are on the network already while another scenario goes on; its chargers may find them, as they find those of other runs.
"""

import re
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from support.kit.coming import foretold
from support.kit.spares import Spares
from support.peers.docks import Docks
from support.peers.plan import Plan
from support.peers.setups import parse_setup
from support.peers.starter import Started, Starter
from support.peers.target import ChargersTarget
from support.peers.world import PeersWorld

MOST_CHARGERS = 4
"""Chargers that are started ahead for one scenario; more of them would take its time from the one that goes on."""
MOST, AT_ONCE = 8, 4
"""Chargers that wait at one time, and that are started at one time."""
_DOCKED = re.compile(r"(\d+) chargers on a private network\b")


@dataclass(frozen=True)
class Wish:
    """What a scenario wants: chargers as planned, a board alone, or so many chargers docked at a private network."""

    target: ChargersTarget
    plans: tuple[Plan, ...]
    alone: bool = False
    docked: int = 0

    @property
    def weight(self) -> int:
        """How many chargers there are in it."""
        return max(1, self.docked, len(self.plans))


@dataclass
class Ahead:
    """What was started, and the folder where its logs wait."""

    started: Started
    folder: Path
    ports: set[int]
    docks: Docks | None = None

    @property
    def running(self) -> bool:
        """Whether nothing of it has ended."""
        return self.docks.running if self.docks is not None else self.started.running


_spares: Spares[Wish, Ahead] = Spares(lambda wish: wish.weight, MOST, AT_ONCE)


def take(world: PeersWorld, wish: Wish, resources: ExitStack) -> Started | None:
    """What was started ahead and is the scenario's from now on, with its logs; `resources` end it. None where there is none."""
    ahead = _spares.take(wish, lambda one: one.running, resources) if world.target.ahead else None
    if ahead is None:
        return None
    world.ports |= ahead.ports
    for charger in ahead.started.chargers:
        charger.ports = world.ports
        charger.node.log_to(world.evidence.log_path(charger.node.log.name))
    for program in ahead.started.boards:
        program.log_to(world.evidence.log_path(program.log.name))
    ahead.started.trace_to(world.wire)
    return ahead.started


def take_docks(world: PeersWorld, count: int) -> Docks | None:
    """The same for chargers on a private network."""
    wish = Wish(world.target, (), docked=count)
    ahead = _spares.take(wish, lambda one: one.running, world.resources) if world.target.ahead else None
    if ahead is None or ahead.docks is None:
        return None
    ahead.docks.hand_over(world.evidence.log_path, world.wire)
    return ahead.docks


def prepare_next(world: PeersWorld) -> None:
    """Start what the next scenarios will want, and return at once."""
    if world.target.ahead:
        wishes = [wish for given in foretold() if (wish := wanted_by(world.target, given)) is not None]
        _spares.prepare(wishes, lambda wish, resources: _start(world, wish, resources))


def wanted_by(target: ChargersTarget, given: str) -> Wish | None:
    """What a scenario that begins with this step wants. None where it wants nothing that could be started ahead."""
    if given in ("a board", "a board whose vehicle charges"):
        return Wish(target, (), alone=True)
    if docked := _DOCKED.match(given):
        can = target.docked_boards and target.missing("image") is None
        return Wish(target, (), docked=int(docked[1])) if can else None
    try:
        plans = parse_setup(given).plans
    except ValueError:
        return None
    return Wish(target, plans) if len(plans) <= MOST_CHARGERS else None


def _start(world: PeersWorld, wish: Wish, resources: ExitStack) -> Ahead:
    folder = Path(resources.enter_context(tempfile.TemporaryDirectory(prefix=".next-", dir=world.evidence.folder.parent)))
    ports: set[int] = set()
    if wish.docked:
        docks = Docks(world.target, wish.docked, lambda name: folder / name, None, resources)
        return Ahead(Started([], []), folder, ports, docks)
    starter = Starter(world.target, world.loop, None, folder, world.settings.patience, ports)
    if wish.alone:
        return Ahead(Started([], [starter.board(resources)]), folder, ports)
    return Ahead(starter.chargers(wish.plans, resources), folder, ports)
