"""A long day of a group: vehicles come, go, want more or less, and members die and return, by chance that can be repeated."""

import itertools
import random
from dataclasses import dataclass, field
from time import monotonic, sleep

from support.kit.errors import PromiseBrokenError, VoidError
from support.peers import sharing
from support.peers.board import NOTHING
from support.peers.charger import Charger
from support.peers.protocol import State
from support.peers.world import PeersWorld

PAUSE = (0.1, 0.8)
"""Seconds between two events, at least and at most."""
PLANS_APART = 0.25
QUIET_END = 3
"""Cycles after the last event, in which everybody who waits must have a turn or a reason."""

TURN = 2.0
"""Seconds after which equals take turns on that day."""


@dataclass
class Day:
    """What happened. plans: the ids of each plan that was looked at. present: who has a vehicle that wants current."""

    events: list[str] = field(default_factory=list)
    plans: list[list[str]] = field(default_factory=list)
    wants: set[int] = field(default_factory=set)
    connected: set[int] = field(default_factory=set)
    served: set[int] = field(default_factory=set)


def live_through(world: PeersWorld, count: int, seed: int) -> None:
    """So many events. Boards are watched all the time, the plan is looked at after each event."""
    rng = random.Random(seed)
    day = Day()
    world.day = day
    sharing.begin(world)
    for _ in range(count):
        day.events.append(_one(world, day, rng))
        _look(world, day, rng.uniform(*PAUSE))
    _end_of_day(world, day)
    world.evidence.attach("events.txt", "\n".join(day.events))


def _one(world: PeersWorld, day: Day, rng: random.Random) -> str:
    place = rng.randrange(len(world.chargers))
    charger = world.chargers[place]
    if place not in day.connected:
        charger.station.vehicle_comes()
        day.connected.add(place)
        return f"{place} comes"
    if place not in day.wants:
        charger.station.vehicle_asks()
        day.wants.add(place)
        return f"{place} asks"
    return _change(charger, place, day, rng)


def _change(charger: Charger, place: int, day: Day, rng: random.Random) -> str:
    what = rng.choice(("goes", "stops", "limits", "limits"))
    if what == "goes":
        charger.station.vehicle_goes()
        day.connected.discard(place)
        day.wants.discard(place)
    elif what == "stops":
        charger.station.vehicle_stops()
        day.wants.discard(place)
    else:
        amps = rng.choice((6, 10, 16, 32))
        charger.station.vehicle_draws_at_most(amps)
        what = f"draws {amps} A at most"
    return f"{place} {what}"


def _look(world: PeersWorld, day: Day, seconds: float) -> None:
    until = monotonic() + seconds
    while monotonic() < until:
        day.plans.append(sorted(sharing.plan_of(world.chargers[0])))
        sleep(max(0.0, min(PLANS_APART, until - monotonic())))


def _end_of_day(world: PeersWorld, day: Day) -> None:
    """Everybody who still wants current is looked at until each has had some, or a whole round of turns has gone."""
    since = monotonic()
    turns = len(world.chargers) * TURN + QUIET_END * world.cycle
    while monotonic() < since + turns and day.served < day.wants:
        _look(world, day, PLANS_APART)
        day.served = {place for place in day.wants if world.watch.drew(place, since)}


def require_everybody_each_time(world: PeersWorld) -> None:
    """Every plan had every member, once (plan_of raises where somebody is in it twice)."""
    ids = sorted(charger.learn_id() for charger in world.chargers)
    day = world.day
    assert day is not None, "lived through before"
    if len(day.plans) < len(day.events):
        raise VoidError(f"the plan was looked at {len(day.plans)} times only")
    for plan in day.plans:
        if plan != ids:
            raise PromiseBrokenError(f"the plan has {ids}", str(plan))


def require_nobody_starved(world: PeersWorld) -> None:
    """At the end of the day everybody who wanted current had some within a round of turns."""
    day = world.day
    assert day is not None, "lived through before"
    if not day.wants:
        raise VoidError("at the end of the day nobody wanted current")
    if hungry := day.wants - day.served:
        raise PromiseBrokenError("everybody who wants current gets some in turn", f"nothing for {sorted(hungry)}")


def require_none_drew_asleep(world: PeersWorld) -> None:
    """In no look a board slept before and after its vehicle was seen to draw."""
    for look, after in itertools.pairwise(world.watch.enough()):
        for place, station in enumerate(look.stations):
            asleep = station.state in (State.ASLEEP, State.DISABLED)
            # First the state is asked, then the current: a board that was woken between is no liar.
            if asleep and after.stations[place].state is station.state and look.amps[place] > NOTHING:
                raise PromiseBrokenError("no vehicle draws while its board sleeps", f"{look.amps[place]:g} A at board {place}")
