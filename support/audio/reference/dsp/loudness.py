"""The loudness of a recording: ITU-R BS.1770-4, EBU Tech 3341 and 3342, by libebur128; compliance by EBU R128."""

import math
from dataclasses import dataclass

import numpy as np
import pyebur128
from numpy.typing import NDArray
from pyebur128 import MeasurementMode, R128State

Samples = NDArray[np.float64]

STEP = 0.01
"""Seconds from one look at the momentary loudness to the next: polled each 100 ms it misses the maximum (Tech 3341, case 13)."""
SLOW_STEPS = 10
"""Steps from one look at the short-term loudness to the next."""
SHORT_TERM = 3.0
"""Seconds of a short-term loudness: what is shorter has no range either."""
TOLERANCE = 0.5
"""LU by which a programme may miss its target."""
HIGHEST_PEAK = -1.0
"""dBTP (EBU R128)."""
FAINTEST = -70.0
"""LUFS: below the absolute gate there is no loudness."""
FAINTEST_PEAK = -120.0
MODES = (
    MeasurementMode.MODE_I | MeasurementMode.MODE_M | MeasurementMode.MODE_S | MeasurementMode.MODE_LRA
    | MeasurementMode.MODE_TRUE_PEAK
)  # fmt: skip


@dataclass(frozen=True)
class LoudnessAnswer:
    """LUFS, LU, dBTP, dB. None where there is none: of silence, and of a range under 3 s."""

    integrated: float | None
    short_term: float | None
    momentary: float | None
    loudness_range: float | None
    true_peak_dbtp: float
    target_lufs: float
    gain_adjustment_db: float | None
    compliant: bool


def analyse(samples: Samples, rate: int, target: float) -> LoudnessAnswer:
    """samples: (length, channels), full scale 1.0. momentary and short_term are the maxima."""
    meter = Meter(samples.shape[1], rate)
    meter.add(samples)
    integrated = audible(pyebur128.get_loudness_global(meter.state))
    peak = meter.true_peak()
    spread = float(pyebur128.get_loudness_range(meter.state)) if len(samples) >= SHORT_TERM * rate else None
    return LoudnessAnswer(
        integrated, audible(meter.short_term), audible(meter.momentary), spread, peak, target,
        None if integrated is None else target - integrated,
        integrated is not None and abs(integrated - target) <= TOLERANCE and peak <= HIGHEST_PEAK,
    )  # fmt: skip


class Meter:
    """Listens to a recording and remembers the loudest moments."""

    def __init__(self, channels: int, rate: int) -> None:
        self.state = R128State(channels, rate, MODES)
        self.momentary = self.short_term = -math.inf
        self._channels = channels
        self._step = max(1, round(STEP * rate))

    def add(self, samples: Samples) -> None:
        """A whole recording: (length, channels)."""
        interleaved = np.ascontiguousarray(samples, dtype=np.float64).ravel()
        for number, begin in enumerate(range(0, len(samples), self._step), 1):
            count = min(self._step, len(samples) - begin)
            self.state.add_frames(interleaved[begin * self._channels : (begin + count) * self._channels], count)
            self.momentary = max(self.momentary, pyebur128.get_loudness_momentary(self.state))
            if number % SLOW_STEPS == 0:
                self.short_term = max(self.short_term, pyebur128.get_loudness_shortterm(self.state))

    def true_peak(self) -> float:
        """Of the loudest channel, in dBTP."""
        highest = max(pyebur128.get_true_peak(self.state, channel) for channel in range(self._channels))
        return 20 * math.log10(highest) if highest > 10 ** (FAINTEST_PEAK / 20) else FAINTEST_PEAK


def audible(loudness: float) -> float | None:
    """None for what is below the absolute gate."""
    return loudness if loudness > FAINTEST else None
