"""Givens of the chargers: everything is there, runs, and is as the scenario wants it."""

from time import sleep

from support.kit.deadline import Deadline
from support.kit.errors import PromiseBrokenError, VoidError
from support.peers import leading, sharing
from support.peers.config import set_rules
from support.peers.protocol import State
from support.peers.quiet_host import QuietHost
from support.peers.setups import SAFE, Setup
from support.peers.starting import start_board, start_chargers
from support.peers.world import PeersWorld

CHARGING_LIMIT = 3.0
"""Seconds until a vehicle that asks for current has it, where nobody forbids it."""
SWALLOWED = 2
"""Lines that were said in vain, after which a node knows that something is wrong: it has missed an answer, and tries again."""
IN_VAIN = 3
"""Lines that were said in vain, after which it has missed two answers at least, whatever was under way at first."""
SWALLOWING_LIMIT = 5.0
"""Seconds in which a node says as much to its board, or at least something."""
LOOKS_APART = 0.03
KNOWING_LIMIT = 5.0
"""Seconds until all chargers have found all others; looked for again and again."""


def set_up(world: PeersWorld, setup: Setup) -> None:
    """The chargers run, know what they shall know, and their vehicles charge where they shall."""
    if setup.quiet:
        world.quiet = QuietHost(world.wire)
        world.resources.callback(world.quiet.close)
    world.secret = setup.secret
    if setup.secret:
        world.evidence.hide(setup.secret)
    start_chargers(world, setup.plans)
    world.budget = setup.budget
    if setup.know:
        make_known(world)
    if setup.mutual:
        make_mutual(world)
    if setup.set_to:
        set_rules(world, dict(setup.set_to)).require_changed()
    if setup.group:
        sharing.form_group(world)
    if setup.led:
        leading.give(world, SAFE)  # a member that stops when it hears nothing has heard something
    if setup.charging:
        charge(world)


def set_up_board(world: PeersWorld, *, charging: bool = False) -> None:
    """A board alone."""
    start_board(world)
    if charging:
        charge(world)


def charge(world: PeersWorld) -> None:
    """A vehicle comes and charges."""
    board = world.board
    board.vehicle_comes()
    board.vehicle_asks()
    board.require_state(State.CHARGING, CHARGING_LIMIT)


def make_known(world: PeersWorld) -> None:
    """Every charger lists all the others as online."""
    ids = world.learn_ids()
    for charger in world.chargers:
        charger.look_around()
    for charger in world.chargers:
        charger.await_entries(
            lambda entries: {entry.id for entry in entries if entry.online} >= ids, KNOWING_LIMIT,
            f"the charger {charger.hostname} lists all the others as online",
        )  # fmt: skip


def make_mutual(world: PeersWorld) -> None:
    """The first two have added each other."""
    first, last = world.chargers[0], world.chargers[-1]
    for one, other in ((first, last), (last, first)):
        answer = one.add(other.host)
        if answer.code != 200:
            raise PromiseBrokenError(f"{one.hostname} adds {other.host}", str(answer))
    for one in (first, last):
        one.await_entries(
            lambda entries: any(entry.joined and not entry.local for entry in entries), 3.0, "the other is a member"
        )


def break_line(world: PeersWorld, how: str, lines: int = SWALLOWED) -> None:
    """The serial line is `cut`, or `swallows everything` and has swallowed so many of the node's lines when this returns.

    VoidError where nobody uses it.
    """
    line = world.it.line
    if how == "cut":
        if not line.cut():
            raise VoidError("the serial line that was cut had not been opened by the node")
        return
    line.silence()
    deadline = Deadline(SWALLOWING_LIMIT)
    # The node must have had time to miss an answer: the line is silent at first as it is between any two questions.
    while line.traffic.swallowed_up < lines and not deadline.expired:
        sleep(LOOKS_APART)
    if not line.traffic.swallowed_up:
        raise VoidError(f"the node said nothing for {SWALLOWING_LIMIT:g} s on the line that swallows everything")


def mend_line(world: PeersWorld, how: str) -> None:
    """The line is well again."""
    if how == "cut":
        world.it.line.restore()
    else:
        world.it.line.heal()
