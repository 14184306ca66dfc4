"""How long a hub waits between two attempts, and waiting for at least that long."""

import asyncio
import time

LARGEST_EXPONENT = 1023
"""The largest power of two that a double holds. Any cap is reached long before."""


def least_delay(attempt: int, base: float, cap: float) -> float:
    """Seconds to wait at least after failed attempt `attempt` (from 1): `min(cap, base * 2^(attempt - 1))`."""
    return min(cap, base * 2.0 ** min(attempt - 1, LARGEST_EXPONENT))


async def pause(seconds: float) -> None:
    """Return `seconds` from now or later, never sooner: a loop's own timer may end early by its clock's resolution."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        await asyncio.sleep(left)
