"""Starting what a scenario wants, or taking what was started ahead; all of it is ready then."""

from collections.abc import Sequence
from contextlib import ExitStack

from support.kit.deadline import eventually
from support.kit.later import do_later
from support.peers.board import Board
from support.peers.charger import Charger
from support.peers.plan import Plan
from support.peers.rest import Rest
from support.peers.serial_talk import Straight
from support.peers.spare import Wish, prepare_next, take
from support.peers.starter import Starter
from support.peers.world import PeersWorld

KNOWN_LIMIT = 10.0
"""Seconds until a node knows its board, scaled by patience."""


def starter(world: PeersWorld) -> Starter:
    """For this scenario."""
    return Starter(
        world.target, world.loop, world.wire, world.evidence.folder, world.settings.patience, world.ports, len(world.chargers)
    )


def start_board(world: PeersWorld) -> Board:
    """A board that no node is in front of; ready when this returns."""
    ahead = take(world, Wish(world.target, (), alone=True), world.resources)
    program = ahead.boards[0] if ahead else starter(world).board(world.resources)
    prepare_next(world)
    program.wait_ready(world.settings.patience)
    world.programs.append(program)
    line = Straight(program.serial, world.wire)
    world.resources.callback(line.close)
    world.alone = Board(Rest(program.url, "board", world.wire), line)
    return world.alone


def start_chargers(world: PeersWorld, plans: Sequence[Plan], *, measured: bool = False) -> list[Charger]:
    """Chargers as planned; all of them are ready when this returns. measured: they are started now, and nothing beside them."""
    resources = ExitStack()
    world.resources.callback(_end, world, resources)
    started = take(world, Wish(world.target, tuple(plans)), resources) if not world.chargers and not measured else None
    started = started or starter(world).chargers(plans, resources)
    world.chargers += started.chargers
    world.programs += started.boards
    if not measured:
        prepare_next(world)
    started.wait_ready(world.settings.patience)
    for charger in started.chargers:
        if charger.board is not None:
            await_known_board(world, charger)
    if measured:
        prepare_next(world)
    return started.chargers


def await_known_board(world: PeersWorld, charger: Charger) -> None:
    """The node has heard from its board: it tells the state that the board is in."""

    def told() -> object:
        return charger.status().get("state")

    eventually(
        told, lambda state: state == charger.station.station().state.value, KNOWN_LIMIT * world.settings.patience,
        f"the charger {charger.hostname} tells the state of its board", interval=0.05,
    )  # fmt: skip


def _end(world: PeersWorld, resources: ExitStack) -> None:
    """What `resources` hold is ended: beside the next scenario where two of its kind may run at once.

    Where there is a secret it is awaited, as the secret can be cut out of a log only when nobody writes to it any more.
    """
    if not world.target.ahead or world.secret:
        resources.close()
        return
    for charger in world.chargers:
        if charger.bridge is not None:
            charger.bridge.trace_no_more()
    do_later(resources.close)
