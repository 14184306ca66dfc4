"""What every stage is, and how it takes other parameters while sound passes."""

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]
Parameters = Mapping[str, Any]

RAMP = 0.02
"""Seconds in which new parameters take over: too long for a click, too short to wait for."""


class Stage:
    """One stage of one channel at `rate` Hz, with its memory. Samples have full scale 1.0.

    latency: samples by which what comes out is late; the same whatever the parameters are.
    """

    latency = 0

    def __init__(self, parameters: Parameters, rate: int) -> None:
        self.rate = rate
        self.set(parameters)

    def set(self, parameters: Parameters) -> None:
        """Take these parameters, all that there are, and keep what is remembered of the sound."""
        raise NotImplementedError

    def process(self, samples: Samples) -> Samples:
        """As many samples as were given."""
        raise NotImplementedError


class Live:
    """A stage whose parameters change without a click: for a moment both the stage as it was and as it is are heard."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._before: Stage | None = None
        self._faded = 0
        self._ramp = max(1, round(RAMP * stage.rate))

    def update(self, parameters: Parameters) -> None:
        """From the next sample on."""
        changed = copy.deepcopy(self.stage)
        changed.set(parameters)
        self._before, self.stage, self._faded = self.stage, changed, 0

    def process(self, samples: Samples) -> Samples:
        """As many samples as were given."""
        if self._before is None:
            return self.stage.process(samples)
        count = min(len(samples), self._ramp - self._faded)
        begun, rest = samples[:count], samples[count:]
        part = (np.arange(1, count + 1) + self._faded) / self._ramp
        weight = 0.5 - 0.5 * np.cos(np.pi * part)
        old = self._before.process(begun)
        mixed = old + weight * (self.stage.process(begun) - old)
        self._faded += count
        if self._faded == self._ramp:
            self._before = None
        return np.concatenate([mixed, self.stage.process(rest)]) if len(rest) else mixed
