"""Chargers that are started ahead of the scenario that wants them. Only of a target that says that two of it may run at once.

They are on the network already while another scenario goes on; its chargers may find them, as they find those of other runs.
"""

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from support.kit.coming import foretold
from support.kit.spares import Spares
from support.peers.plan import Plan
from support.peers.setups import parse_setup
from support.peers.starter import Started, Starter
from support.peers.target import ChargersTarget
from support.peers.world import PeersWorld

MOST_CHARGERS = 4
"""Chargers that are started ahead for one scenario; more of them would take its time from the one that goes on."""


@dataclass(frozen=True)
class Wish:
    """What a scenario wants: chargers as planned, or a board alone."""

    target: ChargersTarget
    plans: tuple[Plan, ...]
    alone: bool = False


@dataclass
class Ahead:
    """What was started, and the folder where its logs wait."""

    started: Started
    folder: Path
    ports: set[int]


_spares: Spares[Wish, Ahead] = Spares()


def take(world: PeersWorld, wish: Wish) -> Started | None:
    """What was started ahead and is the scenario's from now on, with its logs. None where there is none."""
    ahead = _spares.take(wish, lambda one: one.started.running, world.resources) if world.target.ahead else None
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


def prepare_next(world: PeersWorld) -> None:
    """Start what the next scenarios will want, and return at once."""
    if world.target.ahead:
        wishes = [wish for given in foretold() if (wish := wanted_by(world.target, given)) is not None]
        _spares.prepare(wishes, lambda wish, resources: _start(world, wish, resources))


def wanted_by(target: ChargersTarget, given: str) -> Wish | None:
    """What a scenario that begins with this step wants. None where it wants nothing that could be started ahead."""
    if given in ("a board", "a board whose vehicle charges"):
        return Wish(target, (), alone=True)
    try:
        plans = parse_setup(given).plans
    except ValueError:
        return None
    return Wish(target, plans) if len(plans) <= MOST_CHARGERS else None


def _start(world: PeersWorld, wish: Wish, resources: ExitStack) -> Ahead:
    folder = Path(resources.enter_context(tempfile.TemporaryDirectory(prefix=".next-", dir=world.evidence.folder.parent)))
    ports: set[int] = set()
    starter = Starter(world.target, world.loop, None, folder, world.settings.patience, ports)
    if wish.alone:
        return Ahead(Started([], [starter.board(resources)]), folder, ports)
    return Ahead(starter.chargers(wish.plans, resources), folder, ports)
