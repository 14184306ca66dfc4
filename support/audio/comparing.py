"""What was heard held against what was played, sample by sample."""

import numpy as np

from support.audio.signals import Samples


def aligned(played: Samples, heard: Samples, latency: int) -> tuple[Samples, Samples]:
    """Both without the delay of `latency` samples: what was played, and as much of what was heard (less where it is missing)."""
    if latency < 0:
        raise ValueError(f"a sound is late by 0 samples or more, not {latency}")
    return played, heard[latency : latency + len(played)]


def first_difference(one: Samples, other: Samples) -> int | None:
    """The number (from 0) of the first sample in which two sounds differ, if only in being there; None where they are equal."""
    common = min(len(one), len(other))
    apart = one[:common] != other[:common]
    found = np.flatnonzero(apart if apart.ndim == 1 else apart.any(axis=1))
    if len(found):
        return int(found[0])
    return None if len(one) == len(other) else common


def bit_exact(one: Samples, other: Samples) -> bool:
    """Two sounds are the same to the last bit and of the same length."""
    return one.shape == other.shape and first_difference(one, other) is None
