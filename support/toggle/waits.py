"""Judging the waits between attempts: from the moment a bulb hung up to the hub's next connection.

The bulb takes the first moment just before it hangs up and the second one when it has accepted, so a measured wait is never
shorter than the real one; a busy machine only makes it longer. Lower bounds are therefore held for every single wait, upper
bounds for the shortest of several like ones, and for the average of what was added.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from support.kit.errors import PromiseBrokenError
from support.toggle.bulb import Visit

CLOCK_STEP = 0.003
"""Seconds by which two programs' timers may disagree."""
MACHINE_SLACK = 0.06
"""Seconds that a busy machine may add even to the shortest of several waits."""
AVERAGE_SLACK = 0.02
"""Seconds that a busy machine may add to all waits on average, the longest left out."""
EVEN_SHARE = 0.8
"""What is evenly spread over a range is half of it on average; this share of it is never reached by a dozen of waits."""
LEFT_OUT = 12
"""One in so many waits, and at least one, is left out of the average at its long end."""
LATE_SHARE = 6
"""One in so many waits is left out of the spread at its long end: there the machine, not chance, may have added."""


@dataclass(frozen=True)
class Wait:
    """`seconds` between failed attempt `after` (from 1) and the next one."""

    after: int
    seconds: float


def waits_between(visits: Sequence[Visit]) -> list[Wait]:
    """The waits that one bulb saw, in order."""
    found: list[Wait] = []
    for number, (earlier, later) in enumerate(pairwise(visits), start=1):
        if earlier.hung_up_at is None:
            raise ValueError(f"connection {number} was not ended by the bulb")
        found.append(Wait(number, later.opened_at - earlier.hung_up_at))
    return found


def require_agreed(waits: Sequence[Wait], agreed: Mapping[int, float], jitter: float) -> None:
    """PromiseBrokenError unless each wait is at least what is agreed for it and chance adds at most `jitter` seconds.

    `agreed`: seconds by number of the failed attempt. Every number must have been measured, and no other.
    """
    measured = sorted({wait.after for wait in waits})
    if measured != sorted(agreed):
        raise PromiseBrokenError(f"the hub waits after attempts {_listed(sorted(agreed))}", f"waits after {_listed(measured)}")
    for wait in waits:
        if wait.seconds < agreed[wait.after] - CLOCK_STEP:
            raise PromiseBrokenError(
                f"the wait after attempt {wait.after} is at least {agreed[wait.after]:.3f} s",
                f"{wait.seconds:.3f} s; all waits after it: {_seconds(waits, wait.after)}",
            )
    for number, least in agreed.items():
        shortest = min(wait.seconds for wait in waits if wait.after == number)
        if shortest > least + jitter + MACHINE_SLACK:
            raise PromiseBrokenError(
                f"the wait after attempt {number} is at most {least + jitter:.3f} s",
                f"all of them longer: {_seconds(waits, number)}",
            )
    extras = added(waits, agreed)
    kept = extras[: len(extras) - max(1, len(extras) // LEFT_OUT)] or extras
    if fmean(kept) > EVEN_SHARE * jitter + AVERAGE_SLACK:
        raise PromiseBrokenError(
            f"chance adds half of {jitter:.3f} s to a wait on average", f"{fmean(kept):.3f} s to {len(kept)} waits"
        )


def added(waits: Sequence[Wait], agreed: Mapping[int, float]) -> list[float]:
    """What chance (and the machine) added to each wait, in seconds, shortest first."""
    return sorted(wait.seconds - agreed[wait.after] for wait in waits)


def require_spread(waits: Sequence[Wait], agreed: Mapping[int, float], least: float) -> None:
    """PromiseBrokenError unless what was added to the waits differs by at least `least` seconds, late ones left out.

    With 12 waits and chance even over the agreed range, the spread of the shortest 10 falls below 15 % of the range once in
    about 200,000 runs (the 10th of 12 ordered values less the first is Beta(9, 4) distributed).
    """
    extras = added(waits, agreed)
    kept = extras[: len(extras) - len(extras) // LATE_SHARE]
    if kept[-1] - kept[0] < least:
        raise PromiseBrokenError(
            f"what chance adds to {len(waits)} waits is spread over at least {least * 1000:.1f} ms",
            f"spread over {(kept[-1] - kept[0]) * 1000:.1f} ms: {', '.join(f'{extra * 1000:.1f}' for extra in kept)} ms",
        )


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers)) or "none"


def _seconds(waits: Sequence[Wait], number: int) -> str:
    return ", ".join(f"{wait.seconds:.3f} s" for wait in waits if wait.after == number)
