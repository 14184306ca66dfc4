"""Deeds of scenarios around one or several chargers: who listens, who dies, who comes in late."""

from signal import SIGTERM
from time import sleep

from support.kit.deadline import Deadline, eventually
from support.kit.errors import PromiseBrokenError
from support.peers import listing, setting_up
from support.peers.lookout import Lookout
from support.peers.node import HOST
from support.peers.plan import Plan
from support.peers.protocol import State
from support.peers.starting import start_chargers
from support.peers.voice import Voice
from support.peers.world import PeersWorld

LISTENER = "who listens"
WHOLE = ("amp", "voltage", "pilot", "state", "vehicle")
"""What the whole status has, at least."""
ENDED_WELL = (0, -SIGTERM, 128 + SIGTERM)
"""Exit codes of a program that was told to end by SIGTERM: its own, none, and that of shells and others who tell it so."""
FIRST_LIMIT = 3.0
"""Seconds until who listens has been told something."""


def listen(world: PeersWorld) -> None:
    """Somebody listens to the charger, and has been told how it is."""
    world.voices[LISTENER] = Voice((HOST, world.it.node.port), LISTENER, world.wire)
    world.resources.callback(world.voices[LISTENER].close)


def require_whole_status(world: PeersWorld) -> None:
    """The first thing that was said is the whole status."""
    voice = world.voices[LISTENER]
    if not voice.heard:
        voice.read(FIRST_LIMIT)
    first = voice.heard[0][1] if voice.heard else {}
    missing = [key for key in WHOLE if key not in first]
    if missing:
        raise PromiseBrokenError("who listens is told the whole status at first", f"no {', '.join(missing)} in {first}")


def require_told_of_vehicle(world: PeersWorld, within: float) -> None:
    """Who listens is told that there is a vehicle and that it charges."""
    voice = world.voices[LISTENER]
    voice.await_field("vehicle", 1, within)
    voice.await_field("state", State.CHARGING.value, within)


def require_pong(world: PeersWorld) -> None:
    """The question whether it is there was answered."""
    world.voices[LISTENER].await_field("pong", 1, FIRST_LIMIT)


def die(world: PeersWorld, place: int) -> None:
    """A charger's node dies. Its id is asked for before."""
    charger = world.chargers[place]
    charger.learn_id()
    charger.node.die()


def hang(world: PeersWorld, place: int) -> None:
    """A charger's node stands still, with all its connections. Its id is asked for before."""
    charger = world.chargers[place]
    charger.learn_id()
    charger.node.process.pause()


def die_and_be_missed(world: PeersWorld) -> None:
    """The last one dies, and the first has noticed it."""
    first, last = world.chargers[0], world.chargers[-1]
    die(world, -1)
    listing.require_lists_member(first, last, world.noticed, online=False)


def break_line_for(world: PeersWorld, how: str, seconds: float) -> None:
    """The serial line fails for so long and is well again."""
    kind = "cut" if how == "was cut" else "swallows everything"
    deadline = Deadline(seconds)
    setting_up.break_line(world, kind)
    sleep(deadline.remaining)
    setting_up.mend_line(world, kind)


def one_more(world: PeersWorld) -> None:
    """A further charger starts, and is asked for nothing."""
    start_chargers(world, [Plan()])


def ask_for_peers(world: PeersWorld) -> None:
    """Each answers."""
    for charger in world.chargers:
        charger.learn_id()


def require_ended(world: PeersWorld, within: float) -> None:
    """Its program has ended."""
    process = world.it.node.process
    eventually(lambda: process.alive, lambda alive: not alive, within, f"the charger has ended within {within:g} s")
    if process.returncode not in ENDED_WELL:
        raise PromiseBrokenError("a charger that is told to end ends well", f"exit code {process.returncode}")


def look_out(world: PeersWorld) -> None:
    """Somebody listens on the network from now on."""
    world.lookout = world.resources.enter_context(Lookout())


def require_goodbye(world: PeersWorld, within: float) -> None:
    """It is advertised no more, though its records would have lived on for minutes (RFC 6762, section 10.1)."""
    assert world.lookout is not None, "the step before"
    assert world.found is not None, "the step before"
    world.lookout.miss(world.found.name, within)


def require_found(world: PeersWorld, within: float) -> None:
    """It is advertised."""
    assert world.lookout is not None, "the step before"
    world.found = world.lookout.find(world.it.node.port, within)
