"""The suite in the part of a member's controller, or of somebody who pretends to be it."""

import socket
from collections.abc import Sequence
from time import monotonic, sleep

from support.kit.deadline import Deadline, eventually
from support.kit.errors import DeclinedError, PromiseBrokenError, VoidError
from support.peers.board import LOOKS_APART, TOLERANCE, amperes
from support.peers.node import HOST
from support.peers.voice import Voice
from support.peers.world import PeersWorld

CONTROLLER = "its controller"
STRANGER = "somebody else"
STRANGE_ADDRESS = "127.0.0.2"
SHARE = 3
"""How often the controller speaks within a heartbeat time, at least."""
ODD: dict[str, object] = {"minus 5 A": -5, "a word for amps": "plenty", "1,000,000 A": 1_000_000}


def voice(world: PeersWorld, who: str) -> Voice:
    """The connection of the controller, or of a stranger with another address."""
    if who not in world.voices:
        source = STRANGE_ADDRESS if who == STRANGER else HOST
        world.voices[who] = Voice((HOST, world.it.node.port), who, world.wire, source)
        world.resources.callback(world.voices[who].close)
    return world.voices[who]


def give(world: PeersWorld, amps: object, who: str = CONTROLLER) -> None:
    """One allocation. In a group with a secret it bears the signature."""
    world.moment = monotonic()
    if world.secret and isinstance(amps, int | float) and who == CONTROLLER:
        number = int(world.known.get("sequence", 0)) + 1  # type: ignore[call-overload]  # a number that this function has kept
        world.known["sequence"] = number
        voice(world, who).give_signed(float(amps), world.secret, world.it.learn_id(), number)
    else:
        voice(world, who).give(amps)


def give_unsigned(world: PeersWorld, amps: float) -> None:
    """One allocation without the signature that the group's members want."""
    voice(world, CONTROLLER).give(amps)


def have_given(world: PeersWorld, amps: float) -> None:
    """The member follows what it was given."""
    give(world, amps)
    world.board.require_draws(amps, world.cycle)
    give(world, amps)


def give_in_turn(world: PeersWorld, each: Sequence[float], within: float) -> None:
    """One after the other; what came of each is remembered."""
    seen: list[float] = []
    for amps in each:
        give(world, amps)
        world.board.require_draws(amps, within)
        seen.append(round(world.board.amps()))
    world.known["followed"] = seen


def require_followed(world: PeersWorld, each: Sequence[float]) -> None:
    """Each was followed."""
    if world.known["followed"] != list(each):
        raise PromiseBrokenError(f"the vehicle draws {list(each)}", str(world.known["followed"]))


def keep_giving(world: PeersWorld, amps: float, seconds: float) -> None:
    """Again and again, often enough; what the vehicle drew from the second time on is remembered."""
    deadline = Deadline(seconds)
    drawn: list[float] = []
    have_given(world, amps)
    while not deadline.expired:
        before = world.moment
        give(world, amps)
        if (silence := monotonic() - before) >= world.heartbeat:
            raise VoidError(f"the controller itself was silent for {silence:.2f} s: the machine stood still")
        pause = Deadline(min(world.heartbeat / SHARE, deadline.remaining))
        while not pause.expired:
            drawn.append(world.board.amps())
            sleep(min(LOOKS_APART * 3, pause.remaining))
    world.known["drawn"] = drawn


def require_drew_all_the_time(world: PeersWorld, amps: float) -> None:
    """It drew that whenever it was looked at."""
    drawn = world.known["drawn"]
    assert isinstance(drawn, list), "kept by keep_giving"
    if len(drawn) < SHARE:
        raise VoidError(f"the vehicle was looked at {len(drawn)} times only")
    wrong = [one for one in drawn if abs(one - amps) > TOLERANCE]
    if wrong:
        raise PromiseBrokenError(f"the vehicle draws {amps:g} A all the time", f"{len(wrong)} of {len(drawn)} looks: {wrong[:5]}")


def require_holds_half(world: PeersWorld, amps: float) -> None:
    """Half the heartbeat time after the last allocation it is still followed."""
    half, whole = world.moment + world.heartbeat / 2, world.moment + world.heartbeat
    looks = 0
    while looks == 0 or monotonic() < half:
        seen = world.board.amps()
        if monotonic() >= whole:
            break  # a look that came too late says nothing of the first half
        looks += 1
        if abs(seen - amps) > TOLERANCE:
            raise PromiseBrokenError(f"the vehicle draws {amps:g} A for half the heartbeat time", amperes(seen))
        sleep(LOOKS_APART)
    if not looks:
        raise VoidError(f"the first look came after the heartbeat time of {world.heartbeat:g} s")


def require_helps_itself(world: PeersWorld, helps: bool, within: float) -> None:
    """The node tells that it is, or is not, on its own."""
    eventually(
        lambda: world.it.node.rest.object_at("/loadsharing/status").get("failsafe_active"), lambda seen: seen is helps, within,
        f"the charger tells that {'it helps itself' if helps else 'all is well'}", interval=LOOKS_APART,
    )  # fmt: skip


def fall_silent(world: PeersWorld) -> None:
    """The controller goes; whoever was given nothing yet has never heard it."""
    for one in list(world.voices):
        world.voices.pop(one).close()
    if world.moment == 0.0:
        world.moment = monotonic()


def require_strange_address() -> None:
    """DeclinedError where this machine has no second address on the loopback interface."""
    with socket.socket() as probe:
        try:
            probe.bind((STRANGE_ADDRESS, 0))
        except OSError as error:
            raise DeclinedError(f"this machine has no {STRANGE_ADDRESS}: {error}") from error
