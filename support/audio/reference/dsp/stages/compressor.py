"""Makes what is loud less so: a feed-forward compressor on peaks.

After Giannoulis, Massberg and Reiss, Digital dynamic range compressor design, JAES 60 (2012): gain computer with a soft knee, and
detectors in the log domain behind it.
"""

import math

import numpy as np
from scipy.signal import lfilter

from support.audio.reference.dsp.history import Falling, Running
from support.audio.reference.dsp.stages.stage import Parameters, Samples, Stage

HOLD = 0.01
"""Seconds for which a peak counts: half a period of 50 Hz."""
FELL = 8.7
"""dB that are let go in the release time, one neper."""
QUIETEST = 1e-8


class Compressor(Stage):
    """Levels are those of peaks, in dBFS."""

    def __init__(self, parameters: Parameters, rate: int) -> None:
        self._peaks = Running(max(1, round(HOLD * rate)), 0.0)
        self._held = Falling(0.0, 0.0)
        self._memory = np.zeros(1)
        super().__init__(parameters, rate)

    def set(self, parameters: Parameters) -> None:
        self.threshold, self.ratio = parameters["threshold"], parameters["ratio"]
        self.knee, self.makeup = parameters["knee"], parameters["makeup"]
        self._held.step = FELL / (parameters["release"] / 1000 * self.rate)
        self._pole = math.exp(-1 / (parameters["attack"] / 1000 * self.rate))

    def process(self, samples: Samples) -> Samples:
        level = 20 * np.log10(np.maximum(self._peaks.greatest(np.abs(samples)), QUIETEST))
        held = self._held(self.reduction(level))
        smooth, self._memory = lfilter([1 - self._pole], [1, -self._pole], held, zi=self._memory)
        return np.asarray(samples * 10 ** ((self.makeup - smooth) / 20))

    def reduction(self, level: Samples) -> Samples:
        """dB that a level is lowered by: the static curve."""
        over = level - self.threshold
        slope = 1 - 1 / self.ratio
        if not self.knee:
            return np.asarray(np.maximum(over, 0.0) * slope)
        bent = slope * np.clip(over + self.knee / 2, 0.0, self.knee) ** 2 / (2 * self.knee)
        return np.asarray(np.where(over > self.knee / 2, slope * over, bent))
