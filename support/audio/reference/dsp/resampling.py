"""Another sample rate: a polyphase filter whose stop band begins where sound would fold over."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]

LOWEST, HIGHEST = -32_768, 32_767
HALF = 32
"""Samples of the lower rate on either side that each sample is made of."""
BETA = 10.0
"""Of the Kaiser window: the stop band is under -95 dB."""
PASS = 0.9
"""Of half the lower rate is passed; from half of it on nothing is."""


@lru_cache(maxsize=16)
def _filter(up: int, down: int) -> NDArray[np.float64]:
    from scipy.signal import firwin

    widest = max(up, down)
    edge = (1 + PASS) / 2 / widest
    taps: NDArray[np.float64] = firwin(2 * HALF * widest + 1, edge, window=("kaiser", BETA))
    return taps


def resample(samples: Pcm, from_rate: int, to_rate: int) -> Pcm:
    """samples: (length, channels) or (length,), at the first rate; as long in time at the second."""
    from scipy.signal import resample_poly

    common = math.gcd(from_rate, to_rate)
    up, down = to_rate // common, from_rate // common
    turned = resample_poly(samples.astype(np.float64), up, down, axis=0, window=_filter(up, down))
    wanted = round(len(samples) * to_rate / from_rate)
    return np.asarray(np.clip(np.rint(turned[:wanted]), LOWEST, HIGHEST).astype(np.int16))
