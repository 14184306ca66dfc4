"""How long chargers take: numbers for the performance report, and bounds that depend on the machine."""

from time import monotonic

from support.peers import listing
from support.peers.plan import Plan
from support.peers.starting import start_chargers
from support.peers.world import PeersWorld

PATIENCE = 10.0
"""Seconds within which chargers must find each other in any case."""


def start(world: PeersWorld, count: int) -> None:
    """Start so many chargers with their boards and note how long it took."""
    begun = monotonic()
    start_chargers(world, [Plan(board=True)] * count, measured=True)
    world.started_in = monotonic() - begun
    world.evidence.number(f"ready with {count} boards" if count > 1 else "ready with its board", world.started_in, "s")


def require_ready_within(world: PeersWorld, seconds: float) -> None:
    """A warning where it took longer: the machine has a part in it."""
    if world.started_in > seconds:
        world.fall_short(f"ready within {seconds:g} s", f"{world.started_in:.2f} s")


def require_found_within(world: PeersWorld, seconds: float) -> None:
    """All are found; a warning where it took longer than so many seconds."""
    begun = monotonic()
    listing.require_all_others(world, world.chargers, PATIENCE)
    took = monotonic() - begun
    world.evidence.number("until each lists all the others", took, "s")
    if took > seconds:
        world.fall_short(f"each lists all the others in less than {seconds:g} s", f"{took:.2f} s")
