"""When a pipeline says that it hears a voice, held against when there is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from support.audio.levels import rms_dbfs
from support.kit.errors import PromiseBrokenError, VoidError

WINDOW = 0.02
"""Seconds of sound whose level tells whether there is a voice in them."""
LOUD = -40.0
"""dBFS over which such a window belongs to a burst."""
BREATH = 0.2
"""Seconds of quiet within which a burst goes on: syllables have gaps."""
LATE = 0.2
"""Seconds after a burst in which its flag may still come: a detection that looks at several frames takes its time."""
END = 0.4
"""Seconds at the end of a pause in which a voice must long be forgotten."""


@dataclass(frozen=True)
class Flag:
    """What was said of the sound between two moments, in seconds."""

    begin: float
    end: float
    voice: bool


@dataclass(frozen=True)
class Burst:
    """A stretch of voice, in seconds."""

    begin: float
    end: float

    def __str__(self) -> str:
        return f"the burst from {self.begin:.2f} to {self.end:.2f} s"


def bursts_in(played: NDArray[np.float64], rate: int) -> list[Burst]:
    """Where a sound is loud, from its own samples (full scale 1.0, mono)."""
    size = round(WINDOW * rate)
    found: list[Burst] = []
    for begin in range(0, len(played) - size + 1, size):
        if rms_dbfs(played[begin : begin + size]) < LOUD:
            continue
        at, end = begin / rate, (begin + size) / rate
        if found and at - found[-1].end < BREATH:
            found[-1] = Burst(found[-1].begin, end)
        else:
            found.append(Burst(at, end))
    return found


def require_each_flagged(bursts: Sequence[Burst], flags: Sequence[Flag], after: float) -> None:
    """Every burst that begins after the first `after` seconds is flagged at least once, and not long after its end."""
    looked_at = [burst for burst in bursts if burst.begin >= after]
    if len(looked_at) < 2:
        raise VoidError(f"there are no two bursts after {after:g} s")
    for burst in looked_at:
        if not any(flag.voice for flag in flags if flag.end > burst.begin and flag.begin < burst.end + LATE):
            raise PromiseBrokenError(f"every burst after the first {after:g} s is flagged as voice", f"{burst} is not")


def require_pauses_free(bursts: Sequence[Burst], flags: Sequence[Flag], after: float) -> None:
    """The end of no pause between two bursts after the first `after` seconds is flagged."""
    pauses = [(one.end, other.begin) for one, other in pairwise(bursts) if one.begin >= after and other.begin - one.end > 2 * END]
    if not pauses:
        raise VoidError(f"there is no pause after {after:g} s")
    for _, end in pauses:
        for flag in flags:
            if flag.voice and flag.begin >= end - END and flag.end <= end:
                raise PromiseBrokenError(
                    f"no pause after the first {after:g} s is flagged as voice at its end",
                    f"flagged from {flag.begin:.2f} to {flag.end:.2f} s, where a pause ends at {end:.2f} s",
                )


def require_none_flagged(flags: Sequence[Flag], after: float) -> None:
    """Nothing after the first `after` seconds is flagged."""
    looked_at = [flag for flag in flags if flag.begin >= after]
    if not looked_at:
        raise VoidError(f"nothing was played after {after:g} s")
    flagged = [flag for flag in looked_at if flag.voice]
    if flagged:
        seen = f"{len(flagged)} of {len(looked_at)} chunks are, the first at {flagged[0].begin:.2f} s"
        raise PromiseBrokenError(f"nothing after the first {after:g} s is flagged as voice", seen)
