"""What a hub has agreed to about time: its limits and its back-off (contract: `min(cap, base * 2^(k-1)) + U(0, jitter)`)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """All in seconds. `cap` None: no wait is the longest."""

    connect: float = 1.0
    reply: float = 1.5
    base: float = 0.25
    cap: float | None = 5.0
    jitter: float = 0.1

    def wait(self, attempt: int) -> float:
        """The agreed wait after failed attempt `attempt` (from 1), before chance adds to it."""
        return self.capped(self.base * 2.0 ** (attempt - 1))

    def capped(self, wait: float) -> float:
        """`wait` seconds, or the longest wait where that is shorter."""
        return wait if self.cap is None else min(self.cap, wait)

    def waits(self, attempts: int) -> float:
        """The least time that passes in the waits between `attempts` attempts."""
        return sum(self.wait(number) for number in range(1, attempts))

    def longest(self, attempts: int) -> float:
        """The most time that `attempts` failing attempts may take, every limit used up."""
        return attempts * (self.connect + self.reply) + self.waits(attempts) + (attempts - 1) * self.jitter
