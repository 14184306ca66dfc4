"""Brings a programme to a loudness, as it comes: what has come is measured by ITU-R BS.1770-4, gates and all."""

import math
from collections import deque

import numpy as np

from support.audio.reference.dsp.history import Falling, Running
from support.audio.reference.dsp.k_weighting import OFFSET, k_weighting
from support.audio.reference.dsp.stages.stage import Parameters, Samples, Stage
from support.audio.reference.dsp.steps import BlockGain

BLOCK = 0.1
"""Seconds: a quarter of a gating block of 400 ms."""
BLOCKS = 4
MEMORY = 300
"""Gating blocks that count: the last 30 s."""
ABSOLUTE, RELATIVE = -70.0, -10.0
"""LUFS and LU of the gates."""
FASTER, SLOWER = 0.5, 0.2
"""Part of what is lacking that is made up in a block: in the first seconds, when each block tells much, and later."""
SETTLED = 30
"""Blocks after which it is slower."""
HOLD = 0.01
RECOVERED = 20.0
"""Seconds for which a peak is held, and dB a second that are let go after it."""
QUIETEST = 1e-8


class LoudnessNormalization(Stage):
    """target in LUFS, max_peak in dBFS."""

    def __init__(self, parameters: Parameters, rate: int) -> None:
        self._weighted = k_weighting(rate)
        self._gain = BlockGain(round(BLOCK * rate))
        self._quarters: deque[float] = deque(maxlen=BLOCKS)
        self._powers: deque[float] = deque(maxlen=MEMORY)
        self._now = 0.0
        self._peaks = Running(max(1, round(HOLD * rate)), 0.0)
        self._held = Falling(RECOVERED / rate, 20 * math.log10(QUIETEST))
        super().__init__(parameters, rate)

    def set(self, parameters: Parameters) -> None:
        self.target, self.highest = parameters["target_lufs"], parameters["max_peak"]

    def process(self, samples: Samples) -> Samples:
        gains = self._gain.gains(samples, self._weighted(samples), self.turn)
        peaks = self._held(20 * np.log10(np.maximum(self._peaks.greatest(np.abs(samples)), QUIETEST)))
        return np.asarray(samples * 10 ** (np.minimum(gains, self.highest - peaks) / 20))

    def turn(self, power: float) -> float:
        """The next gain in dB, after a block of this weighted power."""
        self._quarters.append(power)
        if len(self._quarters) == BLOCKS:
            self._powers.append(sum(self._quarters) / BLOCKS)
        loudness = self.loudness()
        if loudness is not None:
            self._now += (self.target - loudness - self._now) * (FASTER if len(self._powers) < SETTLED else SLOWER)
        return self._now

    def loudness(self) -> float | None:
        """Integrated, of what counts, in LUFS; None where nothing does."""
        powers = np.array(self._powers)
        powers = powers[powers > 10 ** ((ABSOLUTE - OFFSET) / 10)]
        if not len(powers):
            return None
        loud = powers[powers > np.mean(powers) * 10 ** (RELATIVE / 10)]
        return OFFSET + 10 * math.log10(float(np.mean(loud)))
