"""Heartbeat supervision: a board that nobody speaks to any more falls back to a current that is safe without a controller."""

from dataclasses import dataclass


@dataclass
class Supervision:
    """`interval` seconds may pass between two heartbeats (0: no supervision), or `current` amperes are the limit from then on."""

    interval: int = 0
    current: int = 0
    last: float = 0.0
    """When the last heartbeat came."""

    @property
    def deadline(self) -> float | None:
        """When the limit comes into force, unless there is a heartbeat before; None if it never does."""
        return self.last + self.interval if self.interval else None

    def triggered(self, now: float) -> bool:
        """Whether the limit is in force."""
        return self.deadline is not None and now >= self.deadline

    def limit(self, capacity: int, now: float) -> int:
        """What is left of `capacity` amperes."""
        return min(capacity, self.current) if self.triggered(now) else capacity
