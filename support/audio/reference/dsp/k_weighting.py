"""The weighting of ITU-R BS.1770-4, annex 1: a shelf for the head and a high pass, at any sample rate.

The standard gives coefficients for 48 kHz. These are the analogue filters behind them, by the bilinear transform, as libebur128
and others derive them: at 48 kHz they agree with the standard's to the ninth digit.
"""

import math

from support.audio.reference.dsp.biquads import Cascade, Section

OFFSET = -0.691
"""LUFS = OFFSET + 10 log10(mean square): the weighting has 0.691 dB at 997 Hz."""


def k_weighting(rate: int) -> Cascade:
    """Both filters."""
    return Cascade([_head(rate), _high_pass(rate)])


def _head(rate: int) -> Section:
    warped = math.tan(math.pi * 1681.974450955533 / rate)
    q = 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    middle = high**0.4996667741545416
    a0 = 1 + warped / q + warped**2
    return (
        (high + middle * warped / q + warped**2) / a0,
        2 * (warped**2 - high) / a0,
        (high - middle * warped / q + warped**2) / a0,
        1.0,
        2 * (warped**2 - 1) / a0,
        (1 - warped / q + warped**2) / a0,
    )


def _high_pass(rate: int) -> Section:
    warped = math.tan(math.pi * 38.13547087602444 / rate)
    q = 0.5003270373238773
    a0 = 1 + warped / q + warped**2
    return (1.0, -2.0, 1.0, 1.0, 2 * (warped**2 - 1) / a0, (1 - warped / q + warped**2) / a0)
