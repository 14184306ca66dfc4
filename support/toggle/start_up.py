"""How long a hub with a process per command takes to start and to end, measured once per run against a willing bulb.

A hub may be a slow program without being a wrong one: what a command takes beyond its attempts is measured, not assumed.
"""

from dataclasses import dataclass

from support.toggle.behaviour import ANSWERS, Script
from support.toggle.driver import start_by_hand
from support.toggle.world import ToggleWorld

FACTOR, MARGIN = 2.0, 0.4
"""A hub may take twice what was measured, and this many seconds more: the machine may be busier than it was."""


@dataclass(frozen=True)
class Overhead:
    """Seconds that a command takes beyond its attempts and waits: until the first attempt, and after the last answer."""

    before: float
    after: float

    @property
    def most(self) -> float:
        """What both together may come to on a busy machine."""
        return FACTOR * (self.before + self.after) + MARGIN


SERVING = Overhead(0.0, 0.0)
_measured: dict[tuple[str, ...], Overhead] = {}
"""By the command line of the hub: one run of the suite has one or two."""


def overhead(world: ToggleWorld) -> Overhead:
    """What the target's processes may add on this machine."""
    if world.target.serves:
        return SERVING
    if world.target.argv not in _measured:
        _measured[world.target.argv] = _measure(world)
    return _measured[world.target.argv]


def _measure(world: ToggleWorld) -> Overhead:
    bulb = world.add_bulb(Script(ANSWERS), "start-up")
    try:
        hub = start_by_hand(world, bulb)
        hub.outcome(world.agreement.longest(world.attempts) + world.target.start_timeout * world.settings.patience)
        bulb.settle()
        visit = bulb.visits[0]
    finally:
        del world.bulbs["start-up"]
    before = visit.opened_at - hub.started_at
    after = hub.started_at + hub.seconds - (visit.answered_at or visit.opened_at)
    world.evidence.number("start of a process", before, "s")
    world.evidence.number("end of a process", after, "s")
    return Overhead(before, after)
