"""How often nodes look for each other and share, in seconds: what the contract says, and what our own node is told."""

from dataclasses import dataclass

LONGEST = 600.0
"""The upper end of `loadsharing_heartbeat_timeout` in the contract; no other interval is longer."""


@dataclass(frozen=True)
class Timings:
    """All in seconds.

    discovery: from one look for peers to the next. heartbeat: the `loadsharing_heartbeat_timeout` that the suite sets.
    allocation: from one computed allocation to the next, where nothing changes.
    """

    discovery: float
    heartbeat: float
    allocation: float


CONTRACT = Timings(discovery=10.0, heartbeat=12.0, allocation=5.0)
"""What a node of another make does unless the profile says otherwise; one lost allocation is no silence yet."""
REFERENCE = Timings(discovery=0.5, heartbeat=1.5, allocation=0.4)
"""Our own node can be told to be faster than the contract, so that a run is brisk."""
REFERENCE_STATUS = 0.15
"""Seconds from one question of our own node to its board to the next."""
