"""Brings voices to one level, quiet ones and loud ones."""

import math

import numpy as np

from support.audio.reference.dsp.stages.stage import Parameters, Samples, Stage
from support.audio.reference.dsp.steps import BlockGain

BLOCK = 0.05
"""Seconds."""
MEMORY = 1.5
"""Seconds over which the level of a voice is taken: several syllables."""
SILENCE = 10 ** (-60 / 10)
"""Power below which nobody speaks; it is not raised."""
PAUSE = 10 ** (-15 / 10)
"""Part of a voice's power below which it pauses: then its level stays."""


class AutomaticGain(Stage):
    """Levels are RMS in dBFS. attack: ms that lowering takes, release: that raising takes (to 63 %)."""

    def __init__(self, parameters: Parameters, rate: int) -> None:
        self._gain = BlockGain(round(BLOCK * rate))
        self._now = 0.0
        self._power = 0.0
        self._weight = 0.0
        super().__init__(parameters, rate)

    def set(self, parameters: Parameters) -> None:
        self.target, self.most = parameters["target_level"], parameters["max_gain"]
        self._down = 1 - math.exp(-BLOCK * 1000 / parameters["attack"])
        self._up = 1 - math.exp(-BLOCK * 1000 / parameters["release"])

    def process(self, samples: Samples) -> Samples:
        return np.asarray(samples * 10 ** (self._gain.gains(samples, samples, self.turn) / 20))

    def turn(self, power: float) -> float:
        """The next gain in dB, after a block of this power."""
        if power > SILENCE and power > PAUSE * self.power:
            keep = math.exp(-BLOCK / MEMORY)
            self._power = keep * self._power + (1 - keep) * power
            self._weight = keep * self._weight + (1 - keep)
        if self._weight:
            wanted = min(self.target - 10 * math.log10(self.power), self.most)
            self._now += (wanted - self._now) * (self._down if wanted < self._now else self._up)
        return self._now

    @property
    def power(self) -> float:
        """Of the voice so far; 0 before it."""
        return self._power / self._weight if self._weight else 0.0
