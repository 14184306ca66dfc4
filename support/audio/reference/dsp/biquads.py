"""Second-order filters: R. Bristow-Johnson, Cookbook formulae for audio equalizer biquad filter coefficients.

A filter is rows of (b0, b1, b2, a0 = 1, a1, a2), as scipy takes them.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.signal import sosfilt

Samples = NDArray[np.float64]
Section = tuple[float, float, float, float, float, float]

HIGHEST = 0.49
"""Of the sample rate: what lies above it cannot be filtered there and is moved there."""
TINY = 1e-25
"""What is left in a filter of a sound that has long ended: below it a processor takes ten times as long for a number."""
FLAT = 1.0 / math.sqrt(2.0)
"""The Q of a second-order Butterworth filter."""


class Cascade:
    """Sections one after the other, with their memory. Without any, sound passes as it is."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self._sections = np.array(sections, dtype=np.float64).reshape(-1, 6)
        self._memory = np.zeros((len(self._sections), 2))

    def __call__(self, samples: Samples) -> Samples:
        if not len(self._sections):
            return samples
        filtered, memory = sosfilt(self._sections, samples, zi=self._memory)
        memory[np.abs(memory) < TINY] = 0.0
        self._memory = memory
        return np.asarray(filtered)


def peaking(frequency: float, gain: float, q: float, rate: int) -> Section:
    """`gain` dB at `frequency` Hz."""
    cosine, alpha = _angle(frequency, q, rate)
    root = 10 ** (gain / 40)
    return _section(1 + alpha * root, -2 * cosine, 1 - alpha * root, 1 + alpha / root, -2 * cosine, 1 - alpha / root)


def low_shelf(frequency: float, gain: float, q: float, rate: int) -> Section:
    """`gain` dB below `frequency` Hz."""
    return _shelf(frequency, gain, q, rate, 1)


def high_shelf(frequency: float, gain: float, q: float, rate: int) -> Section:
    """`gain` dB above `frequency` Hz."""
    return _shelf(frequency, gain, q, rate, -1)


def low_pass(frequency: float, q: float, rate: int) -> Section:
    """What lies above `frequency` Hz is taken away, 12 dB an octave."""
    cosine, alpha = _angle(frequency, q, rate)
    return _section((1 - cosine) / 2, 1 - cosine, (1 - cosine) / 2, 1 + alpha, -2 * cosine, 1 - alpha)


def high_pass(frequency: float, q: float, rate: int) -> Section:
    """What lies below `frequency` Hz is taken away, 12 dB an octave."""
    cosine, alpha = _angle(frequency, q, rate)
    return _section((1 + cosine) / 2, -1 - cosine, (1 + cosine) / 2, 1 + alpha, -2 * cosine, 1 - alpha)


def butterworth(kind: str, frequency: float, order: int, rate: int) -> list[Section]:
    """`low_pass` or `high_pass` of any order: its pairs of poles as sections, and one of the first order where it is odd."""
    if frequency >= HIGHEST * rate and kind == "low_pass":
        return []
    second = {"low_pass": low_pass, "high_pass": high_pass}[kind]
    angles = [math.pi * (2 * pair + 1) / (2 * order) for pair in range(order // 2)]
    sections = [second(frequency, 1 / (2 * math.sin(angle)), rate) for angle in angles]
    return [*sections, _first_order(kind, frequency, rate)] if order % 2 else sections


def _first_order(kind: str, frequency: float, rate: int) -> Section:
    warped = math.tan(math.pi * min(frequency / rate, HIGHEST))
    pole = (warped - 1) / (warped + 1)
    if kind == "low_pass":
        return (warped / (1 + warped), warped / (1 + warped), 0.0, 1.0, pole, 0.0)
    return (1 / (1 + warped), -1 / (1 + warped), 0.0, 1.0, pole, 0.0)


def _shelf(frequency: float, gain: float, q: float, rate: int, side: int) -> Section:
    cosine, alpha = _angle(frequency, q, rate)
    root = 10 ** (gain / 40)
    above, below = root + 1, root - 1
    turned = side * cosine
    slope = 2 * math.sqrt(root) * alpha
    return _section(
        root * (above - below * turned + slope),
        side * 2 * root * (below - above * turned),
        root * (above - below * turned - slope),
        above + below * turned + slope,
        side * -2 * (below + above * turned),
        above + below * turned - slope,
    )


def _angle(frequency: float, q: float, rate: int) -> tuple[float, float]:
    omega = 2 * math.pi * min(frequency / rate, HIGHEST)
    return math.cos(omega), math.sin(omega) / (2 * q)


def _section(b0: float, b1: float, b2: float, a0: float, a1: float, a2: float) -> Section:
    return (b0 / a0, b1 / a0, b2 / a0, 1.0, a1 / a0, a2 / a0)
