"""Another sample rate: a polyphase filter whose stop band begins where sound would fold over."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]

LOWEST, HIGHEST = -32_768, 32_767
HALF = 48
"""Samples of the lower rate on either side that each sample is made of."""
BETA = 8.5
"""Of the Kaiser window: the stop band is under -85 dB."""
PASS = 0.88
"""Of half the lower rate is passed; from half of it on nothing is."""
KEPT = 1000
"""Parts that a sample is divided into at most for its filter to be kept: those of rates that nobody uses fill the memory."""


def designed(widest: int) -> NDArray[np.float64]:
    """The filter of two rates whose ratio is one of whole numbers up to `widest`."""
    from scipy.signal import firwin

    taps: NDArray[np.float64] = firwin(2 * HALF * widest + 1, (1 + PASS) / 2 / widest, window=("kaiser", BETA))
    return taps


kept = lru_cache(maxsize=16)(designed)


def resample(samples: Pcm, from_rate: int, to_rate: int) -> Pcm:
    """samples: (length, channels) or (length,), at the first rate; as long in time at the second."""
    from scipy.signal import resample_poly

    common = math.gcd(from_rate, to_rate)
    up, down = to_rate // common, from_rate // common
    widest = max(up, down)
    taps = kept(widest) if widest <= KEPT else designed(widest)
    turned = resample_poly(samples.astype(np.float64), up, down, axis=0, window=taps)
    wanted = round(len(samples) * to_rate / from_rate)
    return np.asarray(np.clip(np.rint(turned[:wanted]), LOWEST, HIGHEST).astype(np.int16))
